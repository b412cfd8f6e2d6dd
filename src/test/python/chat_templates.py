"""Writes src/test/resources/chat-templates.json: templates, variables, and what transformers renders of them.

Run with transformers and jinja2 installed: python src/test/python/chat_templates.py
Each entry has the template, the variables, and "ok" with the text or "err" with the error's type.
"""

import datetime
import itertools
import json
import pathlib
import re

from transformers.utils import chat_template_utils


class FixedTime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2026, 3, 4, 5, 6, 7, 80900)


chat_template_utils.datetime = FixedTime

# Whole templates in the manner of real ones.
CHATML = """{%- for message in messages %}
    {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}"""

BRACKETS = """{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] | trim %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('roles must alternate') }}
    {%- endif %}
    {%- if message['role'] == 'user' %}
        {%- if loop.first and system_message is defined %}
            {{- ' [INST] ' + system_message + '\\n\\n' + message['content'] + ' [/INST]' }}
        {%- else %}
            {{- ' [INST] ' + message['content'] + ' [/INST]' }}
        {%- endif %}
    {%- elif message['role'] == 'assistant' %}
        {{- ' ' + message['content'] + eos_token}}
    {%- else %}
        {{- raise_exception('only user and assistant') }}
    {%- endif %}
{%- endfor %}
"""

TOOLS = """{%- macro show(name, schema, depth=0) -%}
    {{ '  ' * depth }}- {{ name }}: {{ schema.type | default('any') }}
    {%- if schema.enum is defined %} one of {{ schema.enum | join(', ') }}{% endif %}
    {%- if schema.description %} ({{ schema.description | trim | capitalize }}){% endif %}
{% for key, value in (schema.properties or {}) | dictsort %}
{{ show(key, value, depth + 1) }}
{%- endfor %}
{%- endmacro -%}
{%- set ns = namespace(last=-1, seen=[]) -%}
{% if tools is not none and tools %}
<tools>
{% for tool in tools %}
{% set f = tool.function %}
{{ f | tojson }}
{{ f.parameters | tojson(indent=2) }}
{{ show(f.name, f.parameters) }}
{% endfor %}
</tools>
{% endif %}
{% for m in messages %}
{% if m.role == 'user' %}{% set ns.last = loop.index0 %}{% endif %}
{% endfor %}
last user turn: {{ ns.last }}
{% for m in messages if m.role != 'system' %}
[{{ loop.index }}/{{ loop.length }}{{ ' last' if loop.last }}] {{ m.role }}:
{%- if m.tool_calls %}
{%- for call in m.tool_calls %}
 call {{ call.function.name }}({% for k, v in call.function.arguments.items() %}{{ k }}={{ v | tojson }}{{ ", " if not loop.last }}{% endfor %})
{%- endfor %}
{%- elif m.content is string %} {{ m.content | trim }}
{%- else %}
{%- for part in m.content %}{{ part.text if part.type == 'text' else '<' ~ part.type ~ '>' }}{% endfor %}
{%- endif %}
{% endfor %}
"""

THINKING = """{% for message in messages[::-1] %}
{%- if message.role == 'assistant' and '</think>' in message.content -%}
{% set content = message.content.split('</think>')[-1].lstrip('\\n') %}
{{ loop.index0 }}:{{ content }}
{%- elif message.content.startswith('<tool>') and message.content.endswith('</tool>') -%}
T{{ message.content[6:-7] }}
{%- else -%}
{{ message.role | upper }}={{ message.content }}
{%- endif %}
{% endfor %}
{% generation %}{% set inner = 'x' %}{{ inner }}{% endgeneration %}{{ inner is defined }}
{%- if add_generation_prompt %}
<|assistant|>
{%- if enable_thinking is defined and enable_thinking is false %}
<think></think>
{%- endif %}
{% endif %}"""

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Weather of a <place> & \"time\"",
        "parameters": {
            "type": "object",
            "properties": {
                "place": {"type": "string", "description": " where, 東京 or elsewhere "},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
                "box": {"type": "object", "properties": {"lat": {"type": "number"}, "Alt": {}}},
            },
            "required": ["place"],
        },
    },
}

USER = {"role": "user", "content": " How's the {{ weather }} in {% raw %} 東京 😀?\n"}
SYSTEM = {"role": "system", "content": "Be brief.\n"}
ASSISTANT = {"role": "assistant", "content": "<think>hm</think>\n\nSunny & {warm}."}
CALL = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"function": {"name": "weather", "arguments": {"place": "東京", "n": 1.0, "ok": True, "none": None, "l": [1, "a"]}}}],
}
TOOL = {"role": "tool", "content": "<tool>sunny</tool>"}
PARTS = {"role": "user", "content": [{"type": "text", "text": "look"}, {"type": "image"}, {"type": "text", "text": "!"}]}

CHATS = [
    [USER],
    [SYSTEM, USER],
    [SYSTEM, USER, ASSISTANT, USER],
    [USER, USER],
    [USER, ASSISTANT],
    [USER, CALL, TOOL],
    [PARTS],
    [],
]


def chats():
    for template, chat in itertools.product((CHATML, BRACKETS, TOOLS, THINKING), CHATS):
        for extra in ({"add_generation_prompt": True}, {"tools": [WEATHER], "enable_thinking": False}):
            variables = {"messages": chat, "tools": None, "documents": None, "add_generation_prompt": False, "bos_token": "<s>", "eos_token": "</s>"}
            yield template, {**variables, **extra}


VALUES = {
    "s": "Hello, World",
    "u": "  ünï 東京 😀x\n",
    "e": "",
    "n": 7,
    "f": 2.5,
    "b": True,
    "z": None,
    "l": [3, 1, 2],
    "w": ["b", "A", "c", "a"],
    "d": {"b": 1, "a": [1, {"x": "y"}], "C": None},
    "o": [{"k": "x", "v": 1, "g": "A"}, {"k": "y", "v": 0, "g": "b"}, {"k": "x", "v": 2, "g": "a"}, {"v": 3, "g": "B"}],
    "q": "it's \"quoted\" <b> & 'x' \\ \u0001 \u00a0",
    "big": 12345678901234567,
    "lines": "one\n\n  two\r\nthree\n",
}

# Expressions, each printed by itself; " ;; " stands between them.
EXPRESSIONS = r"""
n + 1 ;; n - 10 ;; n * 3 ;; n / 2 ;; n // 2 ;; n % 3 ;; -n // 2 ;; -n % 3 ;; n ** 2 ;; n ** -1 ;; 2 ** 3 ** 2 ;; -n ;; +n ;; +b ;; -b ;; n + f ;; f // 1 ;; f % 2 ;; -f % 2 ;; 7 / 0 ;; 7 // 0 ;; 7.0 % 0 ;; 1 + '1' ;; '1' + 1
n ~ s ~ z ~ b ~ f ;; s + e ;; s * 2 ;; 2 * s ;; s * -1 ;; l * 2 ;; l + [4] ;; l + (4,) ;; (1, 2) + (3,) ;; [] + [] ;; s - 1 ;; l - l ;; z + 1 ;; undef + 1 ;; undef ~ 'x' ;; -undef ;; s % 1
1e3 ;; 1.5e-7 ;; 1e16 ;; 1e15 ;; 123456789.123 ;; 0.1 + 0.2 ;; 1_000 ;; 0x1F ;; 0b101 ;; 0o17 ;; 1E2 ;; 100000000000000000000.0 ;; 1e-5 ;; 0.0001 ;; 1.0 ;; -0.0 ;; 00 ;; 2.50
1 == 1.0 ;; true == 1 ;; '1' == 1 ;; [1] == (1,) ;; [1, [2]] == [1.0, [2]] ;; {'a': 1} == {'a': 1.0} ;; z == none ;; undef == undef ;; undef == none ;; s != 'x' ;; undef != 1
1 < 2 < 3 ;; 1 < 3 < 2 ;; 3 > 2 > 1 == true ;; 'a' < 'b' ;; 'a' < 'B' ;; [1, 2] < [1, 3] ;; [1] < [1, 0] ;; (1, 'a') < (1, 'b') ;; 1 < 'a' ;; z < 1 ;; undef < 1 ;; true < 2 ;; l <= l ;; 'é' < '😀' ;; '\uffff' < '😀'
'ell' in s ;; '' in s ;; 1 in l ;; 4 not in l ;; 1.0 in l ;; 'b' in d ;; 'z' in d ;; z in [none] ;; 1 in s ;; 'a' in undef ;; undef in l ;; 1 in 5 ;; 'x' in none ;; not 'x' in s ;; not n is none ;; (1, 2) in [(1, 2)] ;; l in [l]
n and s ;; e and s ;; e or s ;; n or s ;; not e ;; not not n ;; z or e or 'x' ;; n if b else s ;; n if not b ;; (n if not b) is defined ;; 'a' if e else 'b' if z else 'c' ;; n if b if e else 2
s[0] ;; s[-1] ;; s[99] ;; s[1:3] ;; s[::-1] ;; s[::2] ;; s[-3:] ;; s[:-3] ;; s[5:2] ;; s[10:0:-3] ;; u[2] ;; u[8:] ;; u[::-1] ;; l[0] ;; l[-1] ;; l[9] ;; l[1:] ;; l[::-1] ;; l[true] ;; l['x'] ;; l[0:1, 1] ;; z[0] ;; undef[0] ;; undef.x ;; d['b'] ;; d.b ;; d['zz'] ;; d.zz ;; d.zz.y ;; d.items ;; n.x ;; n[0] ;; s.x ;; s['upper']() ;; d['items'] ;; (1, 2, 3)[1:] ;; [][0] ;; s[::0] ;; l[1.0] ;; d[l] ;; l.0 ;; o.0.k ;; o[0]['k'].0 ;; 'abc'[1] ;; range(5)[2] ;; range(5)[1:3] ;; d[none] ;; d[1:2]
[1, 'a', none, true, 1.5, [1], (1,), (), {}, {'a': 'b'}, undef] ;; (1, 2) ;; () ;; (1,) ;; {} ;; {'a': 1, 2: 'b'} ;; q ;; [q] ;; [e] ;; [u] ;; ['\x7f\u200b\ue000\xad'] ;; ["it's"] ;; ['"'] ;; [1e100, 1e-7] ;; none ;; true ;; false ;; None ;; True ;; False ;; [s, undef] ;; {'a': {'b': [none]}}
'a' 'b' ;; '\n' ~ '|' ;; "\t\\\'\"" ;; '\x41\u00e9\U0001F600\101\0' ;; '\q' ;; '\N{LATIN SMALL LETTER A}' ;; "a\\b"
s is string ;; n is string ;; n is number ;; b is number ;; f is number ;; n is integer ;; b is integer ;; f is integer ;; f is float ;; b is boolean ;; n is boolean ;; z is none ;; undef is none ;; undef is defined ;; s is defined ;; s is undefined ;; d is mapping ;; l is mapping ;; l is iterable ;; s is iterable ;; n is iterable ;; d is iterable ;; undef is iterable ;; l is sequence ;; s is sequence ;; d is sequence ;; n is sequence ;; undef is sequence ;; d.items() is sequence ;; d.items() is iterable ;; range is callable ;; s is callable ;; d.get is callable ;; b is true ;; b is false ;; n is true ;; 1 is true ;; n is odd ;; n is even ;; f is odd ;; s is odd ;; n is divisibleby 7 ;; n is divisibleby(2) ;; n is eq 7 ;; n is equalto 8 ;; n is ne 8 ;; n is lt 8 ;; n is gt 8 ;; n is ge 7 ;; n is le 6 ;; n is lessthan 9 ;; n is greaterthan 9 ;; n is in l ;; 3 is in l ;; 'a' is in s ;; 'abc' is lower ;; 'ABC' is lower ;; 'ABC' is upper ;; s is upper ;; '123' is lower ;; n is sameas 7 ;; z is sameas none ;; b is sameas true ;; 1 is sameas true ;; l is sameas l ;; [] is sameas [] ;; s is nosuch ;; n is not odd ;; n is not none and s ;; not n is odd ;; 'length' is filter ;; 'nope' is filter ;; s is defined and n is defined ;; n is eq(7) is true ;; s is escaped ;; s|safe is escaped
s|length ;; u|length ;; l|length ;; d|length ;; n|length ;; z|length ;; undef|length ;; e|length ;; d.items()|length ;; l|map('string')|length ;; range(4)|length ;; (s|safe)|length ;; l|count
s|upper ;; s|lower ;; s|title ;; s|capitalize ;; 'hello-world foo_bar (baz)'|title ;; "they're"|title ;; n|upper ;; z|lower ;; undef|upper ;; u|trim ;; u|trim('x\n ') ;; n|trim ;; undef|trim ;; 'xxaxx'|trim('x') ;; 'ß'|upper ;; 'ÀÉ'|lower
s|replace('l', 'L') ;; s|replace('l', 'L', 1) ;; s|replace('', '-') ;; s|replace('', '-', 2) ;; n|replace(7, 8) ;; s|replace('o', 1) ;; s|replace('l') ;; 'aaa'|replace('aa', 'b') ;; z|replace('N', 'n')
l|join ;; l|join(', ') ;; w|join('-') ;; o|join(', ', attribute='k') ;; o|join(',', 'v') ;; d|join(',') ;; undef|join(',') ;; n|join ;; s|join('.') ;; [none, true, 1.5]|join(' ') ;; d.items()|join(' ') ;; l|join(1)
l|first ;; l|last ;; []|first ;; []|last ;; s|first ;; s|last ;; d|first ;; d|last ;; undef|first ;; undef|last ;; n|first ;; z|last ;; l|map('abs')|first ;; l|map('abs')|last ;; range(3)|last ;; d.values()|last
l|list ;; s|list ;; d|list ;; d.items()|list ;; d.keys()|list ;; d.values()|list ;; undef|list ;; n|list ;; z|list ;; range(3)|list ;; l|reverse|list ;; s|reverse ;; d|reverse|list ;; n|reverse ;; range(3)|reverse|list ;; l|map('string')|reverse|list
l|sort ;; l|sort(reverse=true) ;; w|sort ;; w|sort(case_sensitive=true) ;; w|sort(true) ;; o|sort(attribute='v')|map(attribute='v')|list ;; o|sort(attribute='g,v')|map(attribute='g')|list ;; [1, 'a']|sort ;; [none, 1]|sort ;; [true, 0, 2.5]|sort ;; s|sort ;; d|sort ;; [[2, 1], [1, 2]]|sort ;; [(1, 'b'), (1, 'a')]|sort ;; o|sort(attribute='nope')|length
d|dictsort ;; d|dictsort(true) ;; {'x': 2, 'y': 1}|dictsort(by='value') ;; {'x': 2, 'y': 1}|dictsort(reverse=true) ;; {'x': 2, 'y': 1}|dictsort(false, 'value', true) ;; d|dictsort(by='zz') ;; l|dictsort ;; d|items|list ;; undef|items|list ;; l|items|list ;; z|items
l|sum ;; o|sum(attribute='v') ;; l|sum(start=10) ;; []|sum ;; w|sum ;; [1.5, 1]|sum ;; l|min ;; l|max ;; w|min ;; w|max ;; w|min(case_sensitive=true) ;; []|min ;; []|max is defined ;; o|min(attribute='v') ;; o|max(attribute='v') ;; [1, 'a']|min
w|unique|list ;; ['a', 'A', 'b']|unique|list ;; ['a', 'A']|unique(true)|list ;; o|unique(attribute='k')|length ;; o|unique(attribute='k')|list|length ;; [1, 1.0, true]|unique|list ;; [[1], [1]]|unique|list
l|map('string')|list ;; o|map(attribute='k')|list ;; o|map(attribute='k', default='?')|list ;; o|map(attribute='v')|sum ;; w|map('upper')|join ;; l|map('nope')|list ;; l|map|list ;; undef|map('upper')|list ;; n|map('upper')|list ;; z|map('upper')|list ;; w|map('replace', 'a', 'X')|list ;; o|map('length')|list ;; o|map(attribute='k', nope=1)|list ;; w|map('default', 'x')|list
l|select|list ;; l|select('odd')|list ;; l|reject('odd')|list ;; l|select('gt', 1)|list ;; w|select('in', ['a', 'b'])|list ;; o|selectattr('k')|list|length ;; o|selectattr('k', 'defined')|list|length ;; o|selectattr('k', 'equalto', 'x')|map(attribute='v')|list ;; o|rejectattr('v')|list|length ;; o|rejectattr('k', 'eq', 'x')|map(attribute='v')|list ;; undef|select|list ;; n|select|list ;; [0, 1, '', 'a', none]|select|list ;; l|select('nope')|list ;; o|selectattr|list ;; 'yes' if l|select('gt', 9) else 'no' ;; 'yes' if []|select else 'no' ;; l|select|tojson ;; (l|select)[0] ;; l|select('odd')|list|length
l|batch(2)|list ;; l|batch(2, 0)|list ;; l|slice(2)|list ;; l|slice(2, 'x')|list ;; l|slice(5)|list ;; o|groupby('g')|map('first')|list ;; o|groupby('v')|length ;; o|groupby('nope')|length ;; o|groupby('k', default='zz')|map('first')|list
undef|default('x') ;; e|default('x') ;; e|default('x', true) ;; z|default('x') ;; z|default('x', boolean=true) ;; undef|d ;; undef|default ;; s|d('y') ;; undef.x|default('y') ;; 0|default(5, true)
s|tojson ;; q|tojson ;; u|tojson ;; u|tojson(ensure_ascii=true) ;; d|tojson ;; d|tojson(indent=2) ;; d|tojson(indent=0) ;; d|tojson(indent='--') ;; d|tojson(separators=(',', ':')) ;; d|tojson(sort_keys=true) ;; {'b': 1, 'a': 2}|tojson(sort_keys=true) ;; []|tojson(indent=2) ;; {}|tojson ;; [1, 1.0, 1e100, none, true, (1, 2)]|tojson ;; undef|tojson ;; [undef]|tojson ;; d.items()|tojson ;; range(3)|tojson ;; {1: 2, none: 3, true: 4, 1.5: 5}|tojson ;; {(1, 2): 3}|tojson ;; l|tojson(2) ;; l|tojson(indent=4)|tojson ;; s|safe|tojson ;; n|tojson ;; f|tojson ;; z|tojson ;; big|tojson ;; '</script>'|tojson ;; d.get|tojson ;; d|tojson(nope=1) ;; '\x7f'|tojson(ensure_ascii=true)
lines|indent ;; lines|indent(2) ;; lines|indent(2, true) ;; lines|indent(2, blank=true) ;; lines|indent('> ', first=true, blank=true) ;; e|indent ;; e|indent(first=true) ;; n|indent ;; undef|indent ;; 'x'|indent(width=3, first=true) ;; (lines|safe)|indent(2) ;; '<a>\n<b>'|safe|indent('&') ;; lines|indent(-1)
s|center(20) ;; 'a'|center(4) ;; 'ab'|center(5) ;; s|truncate(5) ;; s|truncate(5, true) ;; s|truncate(8, leeway=0) ;; 'aaa bbb ccc ddd'|truncate(9, leeway=0) ;; 'aaa bbb'|truncate(4, true, '', 0) ;; s|truncate(2) ;; s|wordcount ;; u|wordcount ;; e|wordcount ;; 'a b/c?d=é&~'|urlencode ;; {'a b': 'c&d', 'x': 1}|urlencode ;; n|urlencode
'3'|int ;; '3.9'|int ;; 'x'|int ;; 'x'|int(5) ;; 'ff'|int(base=16) ;; '0xff'|int(0, 16) ;; 3.9|int ;; -3.9|int ;; z|int ;; undef|int ;; b|int ;; l|int ;; ' 12 '|int ;; '1_000'|int ;; '3.5'|float ;; 'x'|float ;; 'x'|float(1.5) ;; n|float ;; 'inf'|float ;; '1e3'|float ;; z|float ;; '  2 '|float ;; '0x10'|float ;; -5|abs ;; -5.5|abs ;; s|abs ;; b|abs ;; 2.5|round ;; 3.5|round ;; 2.567|round(2) ;; 2.5|round(0, 'ceil') ;; 2.5|round(method='floor') ;; 7|round ;; 1234|round(-2) ;; 1250.0|round(-2) ;; s|round ;; 2.675|round(2) ;; 7|round(1, 'ceil')
'%s and %s'|format('a', 1) ;; '%s'|format(s=1) ;; '%(a)s'|format(a=1) ;; '%d'|format('x') ;; '%s'|format ;; '%d %i' % (1, 2.9) ;; '%05.2f' % f ;; '%5s|%-5s|' % ('a', 'b') ;; '%x %X %o %#x' % (255, 255, 8, 255) ;; '%e %E' % (12345.678, 0.00012) ;; '%g %g %g' % (1e10, 0.0001, 123) ;; '%r' % s ;; '%r' % (l,) ;; '%%' % () ;; '%s' % z ;; '%s %s' % s ;; '%s' % l ;; '%s' % (l,) ;; '%s' % ((1, 2),) ;; '%c%c' % (65, 'b') ;; '%+d % d' % (1, 2) ;; '%.3s' % s ;; '%*d' % (5, 1) ;; '%(a)s %(b)d' % {'a': 1, 'b': 2} ;; '%(zz)s' % {'a': 1} ;; 'x' % 1 ;; 'x' % {} ;; '%' % 1 ;; '%q' % 1 ;; '%.0f' % 2.5 ;; '%08.3f' % -3.14159 ;; '%.10d' % 5 ;; '%-08d|' % 5 ;; '%s' % true ;; '%d' % true ;; '%f' % 1 ;; '%d' % 'x'
'{} {}'.format(1, 'a') ;; '{0} {1} {0}'.format(1, 2) ;; '{a}'.format(a=3) ;; '{:>5}|{:<5}|{:^5}'.format(1, 2, 3) ;; '{:.2f}'.format(f) ;; '{:05d}'.format(n) ;; '{!r}'.format(s) ;; '{0.x}'.format(s) ;; '{0[0]}'.format(l) ;; '{a[b]}'.format(a=d) ;; '{{}}'.format(1) ;; '{'.format(1) ;; '}'.format(1) ;; '{} {}'.format(1) ;; '{b}'.format(a=1) ;; '{:,}'.format(1234567) ;; '{:e}'.format(12.5) ;; '{:x}'.format(255) ;; '{:s}'.format(1) ;; '{:*^9}'.format('mid') ;; '{:+d}'.format(5) ;; '{:,.2f}'.format(12345.678)
s.upper() ;; s.lower() ;; s.title() ;; "they're bill's".title() ;; s.capitalize() ;; s.swapcase() ;; s.casefold() ;; s.strip('Hd') ;; u.strip() ;; u.lstrip() ;; u.rstrip() ;; u.strip(' x\n') ;; s.startswith('He') ;; s.startswith(('x', 'He')) ;; s.startswith(['He']) ;; s.startswith('l', 2) ;; s.startswith('l', 2, 3) ;; s.endswith('ld') ;; s.endswith('o', 0, 5) ;; s.startswith(1) ;; s.startswith('') ;; e.startswith('') ;; s.startswith('', 99)
s.split() ;; s.split(', ') ;; s.split('l', 1) ;; s.split('l', maxsplit=2) ;; s.split('') ;; ' a  b '.split() ;; ' a  b '.split(' ') ;; ' a b c '.split(none, 1) ;; ' a b c '.rsplit(none, 1) ;; s.rsplit('l', 1) ;; s.rsplit('l') ;; e.split() ;; e.split(',') ;; lines.splitlines() ;; lines.splitlines(true) ;; lines.splitlines(keepends=true) ;; s.partition(',') ;; s.partition('zz') ;; s.rpartition('o') ;; s.rpartition('zz') ;; s.partition('') ;; 'a,b,,c'.split(',') ;; u.split() ;; 'aXbXc'.rsplit('X', 1)
s.replace('l', 'L') ;; s.replace('l', 'L', 1) ;; s.replace('', '.') ;; s.replace('l') ;; s.replace(1, 2) ;; ', '.join(w) ;; ', '.join(l) ;; ''.join([]) ;; '-'.join('abc') ;; ','.join(d) ;; s.find('o') ;; s.find('zz') ;; s.rfind('o') ;; s.find('o', 5) ;; s.index('W') ;; s.index('zz') ;; u.find('x') ;; s.count('l') ;; s.count('') ;; s.count('ll') ;; s.count('l', 3) ;; s.removeprefix('Hell') ;; s.removesuffix('ld') ;; s.removeprefix('x') ;; s.center(20, '*') ;; s.ljust(15, '.') ;; s.rjust(15) ;; '42'.zfill(5) ;; '-42'.zfill(5) ;; '42'.zfill(1) ;; s.center(20, 'ab')
'12'.isdigit() ;; '1a'.isdigit() ;; e.isdigit() ;; 'abc'.isalpha() ;; 'ab1'.isalnum() ;; ' '.isspace() ;; 'AB'.isupper() ;; 'ab'.islower() ;; 'A1'.isupper() ;; 'Hello World'.istitle() ;; 'a_1'.isidentifier() ;; '1a'.isidentifier() ;; 'é'.isascii() ;; '½'.isnumeric() ;; '²'.isdigit() ;; '٣'.isdecimal() ;; s.nope() ;; s.encode ;; s.__class__ ;; s.format_map(d)
d.get('b') ;; d.get('zz') ;; d.get('zz', 5) ;; d.get() ;; d.keys() ;; d.values() ;; d.items() ;; d.copy() ;; d.pop('b') ;; d.update({}) ;; d.setdefault('x', 1) ;; d.clear ;; d.__class__ ;; d['__class__'] ;; l.append(1) ;; l.pop() ;; l.index(1) ;; l.index(9) ;; l.count(1) ;; l.copy() ;; l.sort() ;; l.extend ;; (1, 2).index(2) ;; (1, 2).append ;; l.x ;; d.get(l)
range(3) ;; range(1, 3) ;; range(5, 0, -2)|list ;; range(0) ;; range(3)|list ;; range(1, 2, 0) ;; range(100001) ;; range(99999)|length ;; range('a') ;; dict(a=1) ;; dict({'a': 1}, b=2) ;; dict([('a', 1)]) ;; dict(d) ;; namespace(a=1).a ;; namespace({'x': 1}).x ;; namespace(a=1).b ;; namespace(a=1) ;; raise_exception('no') ;; raise_exception() ;; cycler('a', 'b').next() ;; joiner() is callable ;; nosuch() ;; s() ;; l() ;; n() ;; d.b() ;; undef.x() ;; (range)(2)|list
strftime_now('%Y-%m-%d') ;; strftime_now('%d %b %Y') ;; strftime_now('%B %-d, %Y %H:%M:%S %p %I %y %j %A %a %%') ;; strftime_now('%e|%k|%l|%u|%w|%U|%W|%V|%G|%C|%F|%T|%D|%R|%f|%c|%x|%X|%z|%Z|%h|%n') ;; strftime_now() ;; strftime_now('%-m/%-I')
s|safe + '<' ;; '<' + s|safe ;; (s|safe) ~ '<' ;; ['<', s|safe]|join ;; s|e ;; q|escape ;; (q|e)|e ;; q|forceescape ;; (q|e)|forceescape ;; (s|safe)[0] ;; (s|safe).upper() ;; (q|safe)|upper ;; [s|safe] ;; s|safe == s ;; (s|safe) in s ;; q|string ;; l|string ;; (s|safe)|string ;; z|string ;; undef|string
s|attr('upper') ;; d|attr('items') ;; d|attr('b') ;; s|attr('x') is defined ;; s|nope ;; s|upper|nope.x ;; l|length > 2 ;; l|length + 1 ;; -l|length ;; l|first + 1 ;; n|string|length ;; [n, n]|join('+') ;; s.split(', ')|map('upper')|join('/') ;; not l|length == 3 ;; (l|length == 3) ;; 'a' ~ l|length
"""

# Statements and whitespace.
STATEMENTS = [
    "{% if n %}a{% elif s %}b{% else %}c{% endif %}",
    "{% if z %}a{% elif e %}b{% else %}c{% endif %}",
    "{% if z %}a{% endif %}|",
    "  {% if n %}\n  a\n  {% endif %}\n b",
    "x\n\n{% if n %}\n\na{% endif %}\n\n",
    "x  {%- if n -%}  a  {%- endif -%}  y",
    "x  {%+ if n +%}  a  {%+ endif +%}  y",
    "\n  {%+ if n +%}\n  a\n  {% endif %}\n",
    "x {# c #} y\n{# d #}\nz\n   {# e #}\nw {#- f -#} v",
    "{#- a -#}\n\n x {#+ b +#}\n y",
    "  {{ n }}  \n  {{- n -}}  \n{{ n }}",
    "a\r\nb\rc\n{{ n }}\r\n",
    "a\n\n",
    "\n",
    "",
    "{{ '}}' }}{{ '%}' }}{{ {'a': {'b': 1}}.a.b }}{{ {'a': {'b': 1}} }}",
    "{% raw %}{{ n }}{% if %}{% endraw %}x",
    "a {%- raw -%}  {{ n }}  {%- endraw -%} b",
    "{% raw %}\n a\n {% endraw %}\nb",
    "{% raw %}x",
    "{% for x in l %}{{ x }}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.cycle('a', 'b') }}{{ loop.changed(x) }}{{ loop.depth }}{{ loop.depth0 }};{% endfor %}",
    "{% for x in [] %}a{% else %}none{% endfor %}",
    "{% for x in undef %}a{% else %}none{% endfor %}",
    "{% for x in z %}a{% endfor %}",
    "{% for x in n %}a{% endfor %}",
    "{% for x in s %}{{ x }}.{% endfor %}",
    "{% for x in u %}[{{ x }}]{% endfor %}",
    "{% for k in d %}{{ k }};{% endfor %}",
    "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for k, v in d|items %}{{ k }}={{ v }};{% endfor %}",
    "{% for (k, v) in d.items() %}{{ k }};{% endfor %}",
    "{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
    "{% for a, b in l %}x{% endfor %}",
    "{% for a, b in ['xy', [1, 2]] %}{{ a }}{{ b }}{% endfor %}",
    "{% for x in l if x > 1 %}{{ x }}{{ loop.last }}{{ loop.length }}{% else %}e{% endfor %}",
    "{% for x in l if x > 9 %}{{ x }}{% else %}e{% endfor %}",
    "{% set ns = namespace(n=0) %}{% for x in [1, 2, 3, 4] if ns.n < 2 %}{{ x }}{% set ns.n = ns.n + 1 %}{% endfor %}",
    "{% set ns = namespace(n=0) %}{% for x in [1, 2, 3, 4] if ns.n < 2 %}{{ x }}{{ loop.last }}{% set ns.n = ns.n + 1 %}{% endfor %}",
    "{% for x in l %}{% if loop.first %}{% continue %}{% endif %}{{ x }}{% break %}{% endfor %}",
    "{% for x in l %}{% for y in l %}{% if y == 1 %}{% break %}{% endif %}{{ x }}{{ y }} {% endfor %}{% endfor %}",
    "{% for x in l %}{% set t %}{% if loop.first %}{% continue %}{% endif %}a{% endset %}{{ t }}{% endfor %}",
    "{% break %}",
    "{% for x in l %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}",
    "{% for x in [1, [2, [3]]] recursive %}{{ loop.depth }}:{% if x is iterable %}({{ loop(x) }}){% else %}{{ x }}{% endif %}{% endfor %}",
    "{% for x in [1] %}{{ loop(x) }}{% endfor %}",
    "{% set x = 1 %}{% for i in l %}{{ x }}{% set x = i %}{{ x }};{% endfor %}{{ x }}",
    "{% set x = 1 %}{% if n %}{% set x = 2 %}{% endif %}{{ x }}",
    "{% if n %}{% set y = 2 %}{% endif %}{{ y }}",
    "{% if z %}{% set y = 2 %}{% endif %}{{ y is defined }}",
    "{% set s = s.upper() %}{{ s }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}",
    "{% set (a, b) = l[:2] %}{{ a }}{{ b }}",
    "{% set a, b = 1 %}",
    "{% set x = 1, 2 %}{{ x }}",
    "{% set x %}  a{{ n }} {% endset %}[{{ x }}]",
    "{% set x | trim | upper %}  a{{ n }} {% endset %}[{{ x }}]",
    "{% set ns = namespace() %}{% set ns.t %}b{% endset %}{{ ns.t }}",
    "{% set ns = namespace(a=1) %}{% for x in l %}{% set ns.a = ns.a + x %}{% endfor %}{{ ns.a }}",
    "{% set d.x = 1 %}",
    "{% set undef.x = 1 %}",
    "{% set ns = namespace() %}{% set ns.a, ns.b = 1, 2 %}{{ ns.a }}{{ ns.b }}",
    "{% set none = 1 %}",
    "{% set 1 = 1 %}",
    "{% macro m(a, b=2, c='x') %}[{{ a }}{{ b }}{{ c }}]{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(1, c='z') }}{{ m(a=5) }}{{ m() }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(b=2) }}",
    "{% macro m(a) %}{{ a is defined }}{% endmacro %}{{ m() }}",
    "{% macro m(a, b=a) %}{{ b }}{% endmacro %}{{ m(3) }}",
    "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}",
    "{% macro m(a) %}{{ a }}{% if a %}{{ m(a - 1) }}{% endif %}{% endmacro %}{{ m(3) }}",
    "{% macro m() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ m() }}{% set x = 2 %}{{ m() }}",
    "{% for x in l %}{% macro m() %}{{ x }}{% endmacro %}{{ m() }}{% endfor %}{{ m is defined }}",
    "{% macro m(a) %}{% set t = a %}{{ t }}{% endmacro %}{{ m(1) }}{{ t is defined }}",
    "{{ m(1) }}{% macro m(a) %}{{ a }}{% endmacro %}",
    "{% macro m() %}{{ caller() }}!{% endmacro %}{% call m() %}body {{ n }}{% endcall %}",
    "{% macro m() %}{{ caller(1, 2) }}{% endmacro %}{% call(a, b=5) m() %}{{ a }}{{ b }}{% endcall %}",
    "{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}{% call m() %}{% endcall %}",
    "{% macro m() %}x{% endmacro %}{% call m() %}b{% endcall %}",
    "{% macro m(caller) %}{{ caller() }}{% endmacro %}{% call m() %}b{% endcall %}",
    "{% macro m() %}{% for x in l %}{{ loop.index }}{{ caller(x) }}{% endfor %}{% endmacro %}{% call(x) m() %}<{{ x }}>{% endcall %}",
    "{% macro m() %}a\n  b{% endmacro %}{{ m() | indent(2) }}|{{ m() | length }}|{{ m() ~ '<' }}|{{ m() is string }}",
    "{% filter upper %}a{{ s }}{% endfilter %}",
    "{% filter trim | replace('a', 'b') %} aa {% endfilter %}",
    "{% with a = 1, b = n %}{{ a }}{{ b }}{% set c = 3 %}{% endwith %}{{ a is defined }}{{ c is defined }}",
    "{% with %}{% set x = 1 %}{{ x }}{% endwith %}",
    "{% with a = 1, b = a %}{{ b }}{% endwith %}",
    "{% generation %}{{ n }}{% endgeneration %}",
    "{% set x = 1 %}{% generation %}{% set x = 2 %}{{ x }}{% endgeneration %}{{ x }}",
    "{% print n, s %}",
    "{% block b %}x{{ n }}{% endblock %}",
    "{% block b %}x{% endblock b %}y",
    "{% do 1 %}",
    "{% include 'x' %}",
    "{% nosuch %}",
    "{% endif %}",
    "{% if n %}",
    "{% if %}a{% endif %}",
    "{% for %}{% endfor %}",
    "{% for x in l %}",
    "{{",
    "{{ n",
    "{{ n }",
    "{{ }}",
    "{% %}",
    "{#",
    "{{ 'a }}",
    "{{ n n }}",
    "{{ (n }}",
    "{{ n) }}",
    "{{ [n, }}",
    "{{ [n,] }}",
    "{{ {'a':} }}",
    "{{ n. }}",
    "{{ n | }}",
    "{{ n is }}",
    "{{ n ? }}",
    "{{ n = 1 }}",
    "{{ f(a=1, 2) }}",
    "{{ 1 2 }}",
    "{{ 'a' if }}",
    "{{ not }}",
    "{{ n is odd is true }}",
    "{{ 007 }}",
    "{{ n, s }}",
    "{{ n, }}",
    "{{ s[1:2:3:4] }}",
    "{{ dict(a=1, a=2) }}",
    "{{ dict(*[{'a': 1}], **{'b': 2}) }}",
    "{{ '{{ n }}' }}{% set t = '{% if %}' %}{{ t }}",
    "{% if n -%}\n\n x \n{%- endif %}\n",
    "{% for x in l -%}\n {{ x }}\n{% endfor -%}\n end",
    "\t{% if n %}\n\tx\n\t{% endif %}\n",
    " \u00a0{% if n %}a{% endif %}",
    "a {% if n %} {% endif %} {% if n %}\n{% endif %}b",
    "{{ n }}\n{{ n }}\n\n{{ n }}\n",
    "  {# c #}{% if n %}x{% endif %}",
    "  {{ n }}{% if n %}x{% endif %}",
    "{% if n %}  {% if n %}x{% endif %}  {% endif %}",
    "{% set a = [] %}{% set _ = a.append(1) %}{{ a }}",
    "{% for g, items in o|groupby('g') %}{{ g }}:{{ items|length }};{% endfor %}",
    "{% for row in l|batch(2, '-') %}{{ row }}{% endfor %}",
    "{% set it = l|map('string') %}{% for x in it %}{{ x }}{% endfor %}{% for x in it %}{{ x }}{% else %}empty{% endfor %}",
    "{% for x in l|select('odd') %}{{ loop.index }}/{{ loop.length }}{{ loop.last }};{% endfor %}",
    "{% for x in range(3) %}{{ loop.revindex }}{% endfor %}",
    "{{ loop is defined }}{% for x in [1] %}{{ loop is defined }}{% endfor %}{{ loop is defined }}",
    "{% for x in l %}{% if x == 1 %}{{ loop.previtem }}{{ loop.nextitem }}{% endif %}{% endfor %}",
    "{% set j = joiner('|') %}{% for x in l %}{{ j() }}{{ x }}{% endfor %}",
    "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}",
    "{{ range(3) }}{% for x in range(1, 10, 4) %}{{ x }}{% endfor %}",
    "{% if l|length > 2 and 'x' not in s or undef %}y{% endif %}",
    "{% if not undef and not (z is defined and z) %}y{% endif %}",
    "{%if n%}a{%else%}b{%endif%}",
    "{%-if n-%} a {%-endif-%}",
    "{{-n-}}",
    "{{ -n }}{{- -n }}",
    "{% set x = {'a': 1, **d} %}",
    "{% if n %}{{ undef.x }}{% endif %}",
    "{% if z %}{{ undef.x }}{% endif %}ok",
    "{{ undef }}{{ undef|default }}{{ d.nope }}",
    "{{ s|upper|lower|title|replace('o', '0')|trim|length }}",
]


def probes():
    for expression in re.split(r" ;; |\n", EXPRESSIONS.strip()):
        yield "{{ " + expression + " }}", VALUES
    for statement in STATEMENTS:
        yield statement, VALUES


def continued():
    """Chats whose last message stays open."""
    strips = "{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}</>{% endfor %}"
    keeps = "{% for m in messages %}<{{ m.role }}>{{ m.content }}</>{% endfor %}"
    parts = "{% for m in messages %}{% for p in m.content %}{{ p.text | default(p.type) }};{% endfor %}{% endfor %}"
    drops = "{% for m in messages %}{{ m.content.split('</think>')[-1] }}{% endfor %}"
    lost = "{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}"
    unused = "{{ messages[0].role }}"
    endings = ["It is", "It is ", " It is\n", "", "CONTINUE_FINAL_MESSAGE_TAG x", "<think>a</think> b", None]
    for template in (strips, keeps, drops, lost, unused, CHATML):
        for ending in endings:
            yield template, [USER, {"role": "assistant", "content": ending}]
    for content in ([{"type": "text", "text": "a"}, {"type": "text", "text": "b "}, {"type": "image"}], [{"type": "image"}], []):
        yield parts, [USER_PARTS, {"role": "assistant", "content": content}]


USER_PARTS = {"role": "user", "content": [{"type": "text", "text": "look"}]}


def render_continued(template, chat):
    try:
        text, _ = chat_template_utils.render_jinja_template([chat], chat_template=template, continue_final_message=True)
        return {"ok": text[0]}
    except Exception as error:
        return {"err": type(error).__name__}


def render(template, variables):
    try:
        return {"ok": chat_template_utils._compile_jinja_template(template).render(**variables)}
    except Exception as error:
        return {"err": type(error).__name__}


def main():
    entries = []
    for template, variables in chats():
        entries.append({"template": template, "variables": variables, **render(template, variables)})
    shared = []
    for template, variables in probes():
        result = render(template, variables)
        if " object at 0x" in result.get("ok", "") or " at 0x" in result.get("ok", ""):
            continue
        shared.append({"template": template, **result})
    here = pathlib.Path(__file__).resolve().parents[1] / "resources" / "chat-templates.json"
    lines = ['{"chats": [']
    lines.append(",\n".join(json.dumps(e, ensure_ascii=True) for e in entries))
    lines.append('], "continued": [')
    lines.append(",\n".join(json.dumps({"template": t, "messages": c, **render_continued(t, c)}) for t, c in continued()))
    lines.append('], "values": ' + json.dumps(VALUES, ensure_ascii=True) + ', "probes": [')
    lines.append(",\n".join(json.dumps(e, ensure_ascii=True) for e in shared))
    lines.append("]}")
    here.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(len(entries), "chats,", len(shared), "probes,", sum("err" in e for e in shared), "of them errors")


if __name__ == "__main__":
    main()
