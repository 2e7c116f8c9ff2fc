/** An exact number: its digits as a text. It prints, adds and compares as a number does, without its rounding. */
export class Decimal {
  private readonly digits: string;

  constructor(value: string | number | bigint | Decimal) {
    const text = value instanceof Decimal ? value.digits : plain(String(value));
    if (!/^-?\d+(\.\d+)?$/.test(text)) throw new TypeError(`${String(value)} is no number`);
    this.digits = text;
  }

  toString(): string {
    return this.digits;
  }

  /** For `JSON.stringify` of your own; the SDK sends the digits as a number. */
  toJSON(): string {
    return this.digits;
  }

  /** The nearest binary number: `total > 100` works; use `compare` where the last digit of 16 counts. */
  valueOf(): number {
    return Number(this.digits);
  }

  /** As `console.log` of Node shows it. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.digits;
  }

  [Symbol.toPrimitive](hint: string): string | number {
    return hint === 'string' ? this.digits : Number(this.digits);
  }

  plus(other: Decimal | number | string): Decimal {
    const right = new Decimal(other);
    const places = Math.max(this.places, right.places);
    return ofUnits(this.units(places) + right.units(places), places);
  }

  minus(other: Decimal | number | string): Decimal {
    const right = new Decimal(other);
    const places = Math.max(this.places, right.places);
    return ofUnits(this.units(places) - right.units(places), places);
  }

  times(other: Decimal | number | string): Decimal {
    const right = new Decimal(other);
    return ofUnits(this.units(this.places) * right.units(right.places), this.places + right.places);
  }

  /** Negative, zero or positive, as this is less than, equal to or more than the other. */
  compare(other: Decimal | number | string): number {
    const right = new Decimal(other);
    const places = Math.max(this.places, right.places);
    const difference = this.units(places) - right.units(places);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }

  equals(other: Decimal | number | string): boolean {
    return this.compare(other) === 0;
  }

  private get places(): number {
    const point = this.digits.indexOf('.');
    return point < 0 ? 0 : this.digits.length - point - 1;
  }

  private units(places: number): bigint {
    const [whole = '0', fraction = ''] = this.digits.split('.');
    return BigInt(whole + fraction.padEnd(places, '0'));
  }
}

function ofUnits(units: bigint, places: number): Decimal {
  const sign = units < 0n ? '-' : '';
  const text = (units < 0n ? -units : units).toString().padStart(places + 1, '0');
  return new Decimal(places === 0 ? sign + text : `${sign}${text.slice(0, -places)}.${text.slice(-places)}`);
}

/** `1.5e-7` without its exponent. */
function plain(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/.exec(text);
  if (!match) return text;
  const [, sign, whole = '', fraction = '', exponent] = match;
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits.padEnd(point, '0')}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}
