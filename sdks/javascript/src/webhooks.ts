/** Events: webhooks verified on their raw bytes, and the tenant's log followed as it grows. */
import type { Caller } from './calls.js';
import { SignatureMismatch } from './errors.js';
import { converted, parse } from './json.js';
import { Events as EventResource } from './resources.js';
import { EVENTS } from './schemas.js';
import type { Event, Events } from './types.js';

const POLL_MILLISECONDS = 1000;
const PAGE = 100;
type Handler<E> = (event: E) => unknown;
type HeaderBag = Headers | Record<string, string | string[] | undefined>;

/** The event as its own type, a plain `Event` for a type that this SDK does not know. */
function eventOf(raw: unknown): Event {
  const type = String((raw as { type?: unknown }).type);
  return converted(EVENTS[type] ?? 'Event', raw) as Event;
}

function fits(pattern: string, type: string): boolean {
  return pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)));
}

function headerOf(headers: HeaderBag, name: string): string {
  if (headers instanceof Headers) return headers.get(name) ?? '';
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return (Array.isArray(found) ? found[0] : found) ?? '';
}

/**
 * The event of a webhook. `body` is what arrived, byte for byte; during a rotation, give both secrets.
 * Throws SignatureMismatch when no secret fits, or it was sent longer ago than `toleranceSeconds`.
 */
export async function verify(
  body: Uint8Array | string,
  headers: HeaderBag,
  secrets: string | string[],
  toleranceSeconds = 300,
): Promise<Event> {
  const sentAt = headerOf(headers, 'webhook-timestamp');
  if (!/^\d+$/.test(sentAt) || Math.abs(Date.now() / 1000 - Number(sentAt)) > toleranceSeconds) {
    throw new SignatureMismatch('The webhook has no timestamp, or one too long ago');
  }
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const head = new TextEncoder().encode(`${headerOf(headers, 'webhook-id')}.${sentAt}.`);
  const signed = new Uint8Array(head.length + bytes.length);
  signed.set(head);
  signed.set(bytes, head.length);
  const given = headerOf(headers, 'webhook-signature').split(' ').map((part) => part.split(',')[1] ?? '');
  for (const secret of Array.isArray(secrets) ? secrets : [secrets]) {
    const raw = Uint8Array.from(atob(secret.replace(/^whsec_/, '')), (letter) => letter.charCodeAt(0));
    const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
    for (const signature of given) {
      let found: Uint8Array;
      try {
        found = Uint8Array.from(atob(signature), (letter) => letter.charCodeAt(0));
      } catch {
        continue;
      }
      if (await crypto.subtle.verify('HMAC', key, found as BufferSource, signed)) {
        return eventOf(parse(new TextDecoder().decode(bytes)));
      }
    }
  }
  throw new SignatureMismatch('The webhook was not signed with any of the secrets');
}

/** `verify` for a server that receives webhooks; `on` and `stream` for a program that has no address. */
export class Webhooks {
  readonly verify = verify;
  private readonly handlers: [string, Handler<never>][] = [];
  private readonly log: EventResource;
  private listening: Promise<void> | undefined;
  private ended = false;

  constructor(caller: Caller) {
    this.log = new EventResource(caller);
  }

  /**
   * Calls the handler with each event of a type (`payment.received`, `invoice.*`, `*`), from now on and until
   * `client.close()`. `onError` is told when the log cannot be read; without it, the error is thrown to the process.
   */
  on<K extends keyof Events>(type: K, handler: Handler<Events[K]>, onError?: (error: unknown) => void): void;
  on(type: string, handler: Handler<Event>, onError?: (error: unknown) => void): void;
  on(type: string, handler: Handler<never>, onError?: (error: unknown) => void): void {
    this.handlers.push([type, handler]);
    this.listening ??= this.listen();
    if (onError) this.listening.catch(onError);
  }

  /** The events after `after` (from now on by default), in the order of their `seq`; to resume, give the last `seq`. */
  async *stream(types: string[] = [], after?: number): AsyncGenerator<Event> {
    let seq = after ?? (await this.latest());
    while (!this.ended) {
      const page = await this.log.list({ after: seq, limit: PAGE }).page();
      for (const event of page.data) {
        seq = event.seq ?? seq;
        if (!types.length || types.some((type) => fits(type, event.type))) yield typed(event);
      }
      if (page.data.length < PAGE) await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
    }
  }

  close(): void {
    this.ended = true;
  }

  private async listen(): Promise<void> {
    for await (const event of this.stream()) {
      for (const [type, handler] of this.handlers) if (fits(type, event.type)) await handler(event as never);
    }
  }

  private async latest(): Promise<number> {
    const page = await this.log.list({ sort: 'seq:desc', limit: 1 }).page();
    return page.data[0]?.seq ?? 0;
  }
}

/** An event of a list, whose `data` came as plain JSON, with the type that its name says. */
function typed(event: Event): Event {
  const schema = EVENTS[event.type];
  return schema ? { ...event, data: converted(`${schema}.data`, event.data) as Event['data'] } : event;
}
