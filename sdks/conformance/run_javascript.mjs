// Makes the calls of the conformance suite with the JavaScript SDK: cases as JSON in, outcomes as JSON out.
//     node run_javascript.mjs <path of the SDK> < cases.json
import { readFileSync } from 'node:fs';

const { BigLedger, BigLedgerError, Decimal } = await import(process.argv[2]);
const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const given = JSON.parse(readFileSync(0, 'utf8'));
const saved = { run: given.run };
const client = new BigLedger({ maxRetries: 5 });
const KEPT = new Set(['metadata']);

function revived(value, isName = true) {
  if (Array.isArray(value)) return value.map((item) => revived(item, isName));
  if (typeof value === 'object' && value !== null) {
    if ('$decimal' in value) return new Decimal(value.$decimal);
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [isName ? camel(name) : name, revived(inner, isName && !KEPT.has(name))]),
    );
  }
  if (typeof value === 'string' && value.startsWith('$')) {
    const [name, field] = value.slice(1).split('.');
    return field ? saved[name][camel(field)] : saved[name];
  }
  return typeof value === 'string' ? value.replace('$run', saved.run) : value;
}

function problem(expected, found, place = '', isName = true) {
  if (typeof expected === 'object' && expected !== null && !Array.isArray(expected)) {
    if ('$decimal' in expected) {
      return found instanceof Decimal && `${found}` === expected.$decimal ? '' : `${place}: ${found} is not exactly ${expected.$decimal}`;
    }
    if (Array.isArray(found)) return ofList(expected, found);
    for (const [name, value] of Object.entries(expected)) {
      const shown = isName ? camel(name) : name;
      if (!(shown in found)) return `${place}: no ${shown}`;
      const fault = problem(value, found[shown], `${place}.${shown}`, isName && !KEPT.has(name));
      if (fault) return fault;
    }
    return '';
  }
  const wanted = revived(expected);
  return (found instanceof Decimal ? `${found}` === `${wanted}` : found === wanted) ? '' : `${place}: ${found} is not ${wanted}`;
}

function ofList(expected, found) {
  if ('count' in expected && found.length !== expected.count) return `${found.length} objects`;
  if ('distinct' in expected && new Set(found.map((one) => one[camel(expected.distinct)])).size !== found.length) return 'an object comes twice';
  if ('some' in expected && !found.some((one) => problem(expected.some, one) === '')) return 'none is as expected';
  if (!found.length) return 'empty';
  return found.map((one) => problem(expected.all ?? {}, one)).find(Boolean) ?? '';
}

function ofError(expected, error) {
  if (error.status !== expected.status || error.code !== expected.code) return `${error.status} ${error.code}: ${error.message} ${JSON.stringify(error.details)}`;
  if (!error.requestId.startsWith('req_')) return 'no request id';
  const fields = error.details.map((detail) => detail.field).sort();
  if (expected.fields && JSON.stringify(fields) !== JSON.stringify([...expected.fields].sort())) return `fields ${fields}`;
  if (expected.rule && !error.details.some((detail) => detail.rule === expected.rule)) return `details ${JSON.stringify(error.details)}`;
  return '';
}

async function outcome(one) {
  const [resource, method] = one.call.split('.').map(camel);
  const fields = one.body ?? one.query;
  const gives = [...(one.at ?? []).map((id) => revived(id))];
  if (fields) gives.push(revived(fields));
  else if (['send'].includes(method)) gives.push({});
  else if (one.pages) gives.push({});
  if (one.options) gives.push(revived(one.options));
  let answer;
  try {
    answer = client[resource][method](...gives);
    if (one.pages) {
      const found = [];
      for await (const item of answer) found.push(item);
      answer = found;
    } else answer = await answer;
  } catch (error) {
    if (!(error instanceof BigLedgerError)) throw error;
    return one.error ? ofError(one.error, error) : `${error.code}: ${error.message} ${JSON.stringify(error.details)}`;
  }
  if (one.error) return 'it was not refused';
  if (one.save) saved[one.save] = answer;
  if (one.pages) return ofList(one.expect, answer);
  if (one.expect.begins) return new TextDecoder().decode(answer.slice(0, 20)).startsWith(one.expect.begins) ? '' : 'begins otherwise';
  return problem(one.expect, answer);
}

const outcomes = {};
for (const one of given.cases) {
  try {
    outcomes[one.name] = await outcome(one);
  } catch (fault) {
    outcomes[one.name] = String(fault?.stack ?? fault);
  }
}
console.log(JSON.stringify(outcomes));
