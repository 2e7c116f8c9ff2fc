/** JSON with exact numbers, and the names of JavaScript in place of those of the API. */
import { Decimal } from './decimal.js';
import { SCHEMAS } from './schemas.js';

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const MARK = '\u0000decimal:';

/** The text as JavaScript's own parser reads it, but for numbers that would be rounded: those become a Decimal. */
export function parse(text: string): unknown {
  return JSON.parse(marked(text), (_name, value: unknown) =>
    typeof value === 'string' && value.startsWith(MARK) ? new Decimal(value.slice(MARK.length)) : value,
  );
}

/** Each number with a point, an exponent or more than 15 digits, as a string that `parse` knows. */
function marked(text: string): string {
  const parts: string[] = [];
  let start = 0;
  let position = 0;
  while (position < text.length) {
    const character = text[position]!;
    if (character === '"') {
      STRING.lastIndex = position;
      const found = STRING.exec(text);
      if (!found) break;
      position += found[0].length;
    } else if (character === '-' || (character >= '0' && character <= '9')) {
      NUMBER.lastIndex = position;
      const found = NUMBER.exec(text);
      if (!found) break;
      const digits = found[0];
      if (/[.eE]/.test(digits) || digits.length > 15) {
        parts.push(text.slice(start, position), '"\\u0000decimal:', digits, '"');
        start = position + digits.length;
      }
      position += digits.length;
    } else {
      position += 1;
    }
  }
  parts.push(text.slice(start));
  return parts.join('');
}

/** JSON as the API takes it: names in snake_case, a Decimal as a number of its digits, a Date as ISO 8601. */
export function stringify(value: unknown, keepsNames = false): string {
  if (value instanceof Decimal) return value.toString();
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} is no number of JSON`);
  if (Array.isArray(value)) return `[${value.map((item) => stringify(item, keepsNames)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([name, item]) => {
        const shown = keepsNames ? name : snake(name);
        return `${JSON.stringify(shown)}:${stringify(item, keepsNames || NAMED_BY_CALLER.has(shown))}`;
      });
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}

/** Maps whose names are the caller's own, wherever they stand. */
const NAMED_BY_CALLER = new Set(
  Object.values(SCHEMAS).flatMap((fields) =>
    Object.entries(fields).flatMap(([name, mark]) => (mark.startsWith('=') ? [name] : [])),
  ),
);
NAMED_BY_CALLER.delete('data');

/** An answer with the names of JavaScript, and a Decimal wherever the API has an amount or rate. */
export function converted(schema: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => converted(schema, item));
  if (schema === '#') return typeof value === 'number' ? new Decimal(value) : value;
  if (typeof value !== 'object' || value === null || value instanceof Decimal) return value;
  if (schema === '=') return value;
  const entries = Object.entries(value);
  if (schema === '=#') return Object.fromEntries(entries.map(([name, item]) => [name, converted('#', item)]));
  const fields = SCHEMAS[schema] ?? {};
  return Object.fromEntries(entries.map(([name, item]) => [camel(name), converted(fields[name] ?? '', item)]));
}

export function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

export function snake(name: string): string {
  if (FIELDS.has(name)) return FIELDS.get(name)!;
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Names with digits (`line1`, `days_1_30`) cannot be told from their camelCase form, so they are looked up. */
const FIELDS = new Map(
  Object.values(SCHEMAS).flatMap((fields) => Object.keys(fields).map((name) => [camel(name), name] as const)),
);
