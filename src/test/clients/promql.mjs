// Parses each expression of a file with the parser of Prometheus' own user interface, and prints the metrics that it names.
import { readFileSync } from 'node:fs';
import { parser } from '@prometheus-io/lezer-promql';

const expressions = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const named = expressions.map((expression) => {
  const metrics = new Set();
  parser.parse(expression).iterate({
    enter(node) {
      if (node.type.isError) {
        console.error(`not PromQL at ${node.from}: ${expression}`);
        process.exitCode = 1;
      }
      if (node.name === 'VectorSelector') {
        const name = node.node.getChild('Identifier');
        metrics.add(name === null ? '' : expression.slice(name.from, name.to));
      }
    },
  });
  return [...metrics].sort();
});
console.log(JSON.stringify(named));
