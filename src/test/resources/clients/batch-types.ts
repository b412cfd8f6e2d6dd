// The result lines of a job, held by the compiler to the types of OpenAI's official client for JavaScript.
import type OpenAI from 'openai';

interface Line<Body> {
  id: string;
  custom_id: string;
  response: { status_code: number; request_id: string; body: Body | null } | null;
  error: OpenAI.Batches.BatchError | null;
}

// Read-only and generic, so that literals keep their types and fields that only we have are let through.
type Read<T> = T extends object ? { readonly [K in keyof T]: Read<T[K]> } : T;
export function chat<const T extends Read<Line<OpenAI.Chat.ChatCompletion>>>(line: T): T { return line; }
export function completion<const T extends Read<Line<OpenAI.Completion>>>(line: T): T { return line; }
