/** One fault of a request: the path of the field, what is wrong in one word, and a text for people. */
export interface ErrorDetail {
  field?: string;
  code: string;
  message: string;
  rule?: string;
  limit?: string;
  scope?: string;
}

/** A refusal of the API. `code` is a member of its catalogue; `requestId` finds the request in the server's log. */
export class BigLedgerError extends Error {
  readonly code: string;
  readonly status: number;
  readonly requestId: string;
  readonly details: ErrorDetail[];
  readonly documentationUrl: string;
  readonly retryAfter: number | undefined;

  constructor(message: string, about: Partial<Omit<BigLedgerError, 'message' | 'name'>> = {}) {
    super(message);
    this.name = 'BigLedgerError';
    this.code = about.code ?? '';
    this.status = about.status ?? 0;
    this.requestId = about.requestId ?? '';
    this.details = about.details ?? [];
    this.documentationUrl = about.documentationUrl ?? '';
    this.retryAfter = about.retryAfter;
  }
}

/** No answer. A write may have been performed; the same write with the same idempotency key is safe. */
export class ConnectionFailed extends BigLedgerError {
  override readonly name = 'ConnectionFailed';
}

/** A webhook that was not signed with any of the secrets, or too long ago. */
export class SignatureMismatch extends BigLedgerError {
  override readonly name = 'SignatureMismatch';
}

/** The error that an answer describes; one of a proxy, which is no JSON, too. */
export function errorOf(status: number, headers: Headers, body: unknown): BigLedgerError {
  const found = ((body as { error?: Record<string, unknown> } | undefined)?.error ?? {}) as Record<string, unknown>;
  const wait = headers.get('retry-after');
  return new BigLedgerError(String(found.message ?? `The server answered ${status}`), {
    code: String(found.code ?? ''),
    status,
    requestId: String(found.request_id ?? headers.get('x-request-id') ?? ''),
    details: (found.details ?? []) as ErrorDetail[],
    documentationUrl: String(found.documentation_url ?? ''),
    retryAfter: wait !== null && /^\d+(\.\d+)?$/.test(wait) ? Number(wait) : undefined,
  });
}
