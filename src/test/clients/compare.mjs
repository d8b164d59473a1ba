// Compares what kcat (first file, lines of `kcat -J`) and kafkajs (second file) saw, and looks at each event as a consumer would.
import { readFileSync } from 'node:fs';

const lines = (file) => readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
const ofKcat = ({ partition, offset, key, headers, payload }) => {
  const named = {};
  for (let i = 0; i < headers.length; i += 2) named[headers[i]] = headers[i + 1];
  return { partition, offset, key, headers: named, value: payload };
};
const inOrder = (events) =>
  events.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset).map((event) => JSON.stringify(event));

const [kcat, kafkajs] = [lines(process.argv[2]).map(ofKcat), lines(process.argv[3])];
const defects = [];
const [one, other] = [inOrder(kcat), inOrder(kafkajs)];
if (one.length !== other.length) defects.push(`kcat saw ${one.length} events, kafkajs ${other.length}`);
one.forEach((event, i) => event === other[i] || defects.push(`kcat saw\n  ${event}\nkafkajs\n  ${other[i]}`));

const required = ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_subject', 'ce_time', 'content-type'];
const ids = new Set();
for (const { partition, offset, key, headers, value } of kcat) {
  const at = `${partition}@${offset}`;
  for (const name of required) if (!headers[name]) defects.push(`${at}: no header ${name}`);
  for (const name of Object.keys(headers)) {
    if (!required.includes(name) && !['ce_traceparent', 'ce_replay'].includes(name)) defects.push(`${at}: header ${name}`);
  }
  if (headers.ce_specversion !== '1.0') defects.push(`${at}: CloudEvents ${headers.ce_specversion}`);
  if (headers['content-type'] !== 'application/json') defects.push(`${at}: ${headers['content-type']}`);
  if (!/^org\.botoxfhir\.[a-z-]+\.[a-z]+\.v1$/.test(headers.ce_type)) defects.push(`${at}: type ${headers.ce_type}`);
  if (!headers.ce_id?.startsWith(`${headers.ce_subject}/`)) defects.push(`${at}: id ${headers.ce_id} of ${headers.ce_subject}`);
  if (ids.has(headers.ce_id) && !headers.ce_replay) defects.push(`${at}: ${headers.ce_id} for the second time`);
  ids.add(headers.ce_id);
  if (!/^[A-Za-z0-9_-]{43}$/.test(key)) defects.push(`${at}: the key is no pseudonym`);
  try {
    const data = JSON.parse(value);
    if (Array.isArray(data) || typeof data !== 'object' || data === null) defects.push(`${at}: the value is no object`);
  } catch {
    defects.push(`${at}: the value is no JSON`);
  }
}

if (defects.length > 0) {
  console.error(defects.slice(0, 20).join('\n'));
  console.error(`${defects.length} differences`);
  process.exit(1);
}
console.log(`${kcat.length} events: kcat and kafkajs saw the same, and all is as promised`);
