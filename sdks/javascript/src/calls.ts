/** A call of the API: its options, when it is tried again, and lists page by page. */
import { BigLedgerError, ConnectionFailed, errorOf } from './errors.js';
import { camel, converted, parse, snake, stringify } from './json.js';

const FIRST_DELAY = 500;
const LONGEST_DELAY = 5000;
const LONGEST_WAIT = 60;

/** What any call takes beside its own fields. */
export interface RequestOptions {
  idempotencyKey?: string;
  validateOnly?: boolean;
  expand?: string | string[];
  fields?: string | string[];
  ifMatch?: string;
  ifNoneMatch?: string;
  /** Milliseconds, for each attempt. */
  timeout?: number;
  signal?: AbortSignal;
}

/** How calls are made. */
export interface Caller {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly timeout: number;
  readonly maxRetries: number;
  readonly rateLimit: 'wait' | 'throw';
  readonly fetch: typeof fetch;
}

export interface Page<T> {
  data: T[];
  meta: { page?: number; limit: number; total?: number; pages?: number; nextCursor?: string | null };
}

/** A list: iterating reads page after page, so that nothing is skipped or repeated while others write. */
export class Pages<T> implements AsyncIterable<T>, PromiseLike<Page<T>> {
  constructor(
    private readonly ask: (query: Record<string, unknown>) => Promise<Page<T>>,
    private readonly query: Record<string, unknown>,
  ) {}

  /** The page that the parameters ask for, with `meta`. */
  page(): Promise<Page<T>> {
    return this.ask(this.query);
  }

  /** `await client.invoices.list()` is its first page. */
  then<A, B>(
    done?: ((page: Page<T>) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    return this.page().then(done, failed);
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    let cursor: string | null | undefined = String(this.query.cursor ?? '');
    while (cursor !== null && cursor !== undefined) {
      const page: Page<T> = await this.ask('page' in this.query ? this.query : { ...this.query, cursor });
      yield* page.data;
      cursor = 'page' in this.query ? null : page.meta.nextCursor;
    }
  }
}

/** The operations on one resource. */
export class Resource {
  constructor(protected readonly caller: Caller) {}

  protected async call<T>(
    method: string,
    path: string,
    schema: string,
    options: RequestOptions,
    query: object | undefined,
    body: object | undefined,
    isForm = false,
  ): Promise<T> {
    return (await send(this.caller, method, path, schema, options, query, body, isForm)) as T;
  }

  protected pages<T>(path: string, schema: string, options: RequestOptions, query: object | undefined): Pages<T> {
    return new Pages<T>(
      async (given) => (await send(this.caller, 'GET', path, `${schema}List`, options, given, undefined, false)) as Page<T>,
      (query ?? {}) as Record<string, unknown>,
    );
  }
}

async function send(
  caller: Caller,
  method: string,
  path: string,
  schema: string,
  options: RequestOptions,
  query: object | undefined,
  body: object | undefined,
  isForm: boolean,
): Promise<unknown> {
  const url = `${caller.baseUrl}${path}${queryText(query, options)}`;
  const headers: Record<string, string> = { Authorization: `Bearer ${caller.apiKey}`, Accept: 'application/json' };
  if (method !== 'GET') headers['Idempotency-Key'] = options.idempotencyKey ?? crypto.randomUUID();
  if (options.ifMatch) headers['If-Match'] = options.ifMatch;
  if (options.ifNoneMatch) headers['If-None-Match'] = options.ifNoneMatch;
  let content: BodyInit | undefined;
  if (body && isForm) content = formOf(body as Record<string, unknown>);
  else if (body) {
    headers['Content-Type'] = 'application/json';
    content = stringify(body);
  }
  for (let attempt = 0; ; attempt += 1) {
    let error: BigLedgerError;
    let asked: string | null = null;
    try {
      const answer = await caller.fetch(url, {
        method,
        headers,
        body: content ?? null,
        signal: signalOf(options, caller.timeout),
      });
      asked = answer.headers.get('x-should-retry');
      return await resultOf(answer, schema);
    } catch (fault) {
      if (options.signal?.aborted) throw fault;
      error = fault instanceof BigLedgerError ? fault : new ConnectionFailed(String(fault));
    }
    const wait = waitBefore(attempt, error, asked, caller.rateLimit);
    if (wait === undefined || attempt >= caller.maxRetries) throw error;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

function signalOf(options: RequestOptions, timeout: number): AbortSignal {
  const limit = AbortSignal.timeout(options.timeout ?? timeout);
  return options.signal ? AbortSignal.any([options.signal, limit]) : limit;
}

async function resultOf(answer: Response, schema: string): Promise<unknown> {
  const isJson = (answer.headers.get('content-type') ?? '').startsWith('application/json');
  if (answer.status < 400 && schema === 'bytes') return new Uint8Array(await answer.arrayBuffer());
  const text = await answer.text();
  let body: unknown;
  if (isJson && text) {
    try {
      body = parse(text);
    } catch {
      body = undefined;
    }
  }
  if (answer.status >= 400) throw errorOf(answer.status, answer.headers, body);
  return body === undefined || schema === '' ? undefined : converted(schema, body);
}

/** Milliseconds until the next attempt, undefined for none. The server says whether one makes sense. */
export function waitBefore(
  attempt: number,
  error: BigLedgerError,
  asked: string | null,
  rateLimit: 'wait' | 'throw',
): number | undefined {
  const may =
    error instanceof ConnectionFailed || (asked ? asked === 'true' : error.status === 429 || error.status >= 500);
  if (!may || (error.status === 429 && rateLimit === 'throw')) return undefined;
  if (error.retryAfter !== undefined) return error.retryAfter <= LONGEST_WAIT ? error.retryAfter * 1000 : undefined;
  return Math.min(FIRST_DELAY * 2 ** attempt, LONGEST_DELAY) * (0.75 + Math.random() / 4);
}

function queryText(query: object | undefined, options: RequestOptions): string {
  const texts: [string, string][] = [];
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue;
    if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
      for (const [operator, inner] of Object.entries(value)) texts.push([`${snake(name)}[${operator}]`, textOf(inner)]);
    } else texts.push([snake(name), textOf(value)]);
  }
  if (options.validateOnly) texts.push(['validate_only', 'true']);
  for (const name of ['expand', 'fields'] as const) {
    const given = options[name];
    if (given) texts.push([name, (Array.isArray(given) ? given : given.split(',')).map(pathOf).join(',')]);
  }
  return texts.length ? `?${new URLSearchParams(texts).toString()}` : '';
}

function pathOf(path: string): string {
  return path.split('.').map(snake).join('.');
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(',');
  return value instanceof Date ? value.toISOString() : String(value);
}

function formOf(body: Record<string, unknown>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(body)) {
    if (value instanceof Uint8Array) form.append(snake(name), new Blob([value as BlobPart]), 'file');
    else form.append(snake(name), value instanceof Blob ? value : textOf(value));
  }
  return form;
}

export { camel };
