"""Holds a job's result lines to the types of OpenAI's official Python client: FILE ... Prints "ok", or raises."""
import json
import sys
from typing import Optional

from openai.types import BatchError, Completion
from openai.types.chat import ChatCompletion
from pydantic import BaseModel

BODIES = {"chat.completion": ChatCompletion, "text_completion": Completion}


class Response(BaseModel):
    status_code: int
    request_id: str
    body: Optional[dict]


class Line(BaseModel):
    id: str
    custom_id: str
    response: Optional[Response]
    error: Optional[BatchError]


done = failed = 0
for path in sys.argv[1:]:
    for text in open(path, encoding="utf-8"):
        line = Line.model_validate_json(text, strict=True)
        if line.error is None:
            assert line.response.status_code == 200, text
            body = json.dumps(line.response.body)
            answer = BODIES[line.response.body["object"]].model_validate_json(body, strict=True)
            assert answer.choices and answer.usage.total_tokens > 0, text
            done += 1
        else:
            assert line.response.status_code >= 400 and line.error.message, text
            failed += 1
assert done and failed, (done, failed)
print("ok")
