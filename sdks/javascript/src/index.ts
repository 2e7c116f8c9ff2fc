/** The BigLedger API. */
import type { Caller } from './calls.js';
import { Resources } from './resources.js';
import { Webhooks } from './webhooks.js';

export type { Page, Pages, RequestOptions } from './calls.js';
export { Decimal } from './decimal.js';
export { BigLedgerError, ConnectionFailed, type ErrorDetail, SignatureMismatch } from './errors.js';
export type * from './types.js';
export { verify } from './webhooks.js';

const ADDRESSES = {
  production: 'https://api.bigledger.com',
  staging: 'https://api-staging.bigledger.com',
  sandbox: 'https://api-sandbox.bigledger.com',
};

export interface ClientOptions {
  apiKey?: string;
  environment?: keyof typeof ADDRESSES;
  /** Where the API is, without `/v1`; `BIGLEDGER_BASE_URL` overrides it, and `environment`. */
  baseUrl?: string;
  /** Milliseconds, for each attempt. */
  timeout?: number;
  maxRetries?: number;
  /** What a 429 does: `wait` as long as the server says (up to a minute), or `throw` at once. */
  rateLimit?: 'wait' | 'throw';
  fetch?: typeof fetch;
}

export class BigLedger extends Resources {
  readonly webhooks: Webhooks;

  constructor(options: ClientOptions = {}) {
    const apiKey = options.apiKey ?? variable('BIGLEDGER_API_KEY');
    if (!apiKey) throw new TypeError('Give an apiKey, or set BIGLEDGER_API_KEY');
    const base = variable('BIGLEDGER_BASE_URL') || options.baseUrl || ADDRESSES[options.environment ?? 'production'];
    const caller: Caller = {
      apiKey,
      baseUrl: base.replace(/\/+$/, ''),
      timeout: options.timeout ?? 30_000,
      maxRetries: options.maxRetries ?? 3,
      rateLimit: options.rateLimit ?? 'wait',
      fetch: options.fetch ?? ((...given) => fetch(...given)),
    };
    super(caller);
    this.webhooks = new Webhooks(caller);
  }

  /** Ends `webhooks.on`. */
  close(): void {
    this.webhooks.close();
  }
}

/** Of the environment, where there is one: a browser has none. */
function variable(name: string): string | undefined {
  const process = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process;
  return process?.env?.[name] || undefined;
}

export default BigLedger;
