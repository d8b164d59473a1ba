// Reads what is committed in a topic with kafkajs and prints each event as a line of JSON, as `kcat -J` does for read-and-compare.
// The log is off: a group that is just being made is logged as an error. What is really wrong shows as events that are missing.
// Usage: node read.mjs BROKERS TOPIC COUNT    (COUNT: how many events another client saw; waits a moment for one too many)
import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';

const { Kafka, logLevel } = kafkajs;

const [brokers, topic, count] = process.argv.slice(2);
const kafka = new Kafka({ clientId: 'foreign-client', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
// readUncommitted: false is the default, and what the contract asks for.
const consumer = kafka.consumer({ groupId: `foreign-client-${randomUUID()}`, readUncommitted: false });

let seen = 0;
let finish;
const finished = new Promise((resolve) => (finish = resolve));
const patience = setTimeout(finish, 30_000);

await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  eachMessage: async ({ partition, message }) => {
    const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, `${value}`]));
    const value = message.value === null ? null : `${message.value}`;
    console.log(JSON.stringify({ partition, offset: Number(message.offset), key: `${message.key}`, headers, value }));
    if (++seen >= Number(count)) {
      clearTimeout(patience);
      setTimeout(finish, 1_000);
    }
  },
});
await finished;
await consumer.disconnect();
