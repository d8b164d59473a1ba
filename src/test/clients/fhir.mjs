// Works with the FHIR service through a client that this project did not write: creates, reads, searches, pages, patches, sends a
// transaction, reads the history, deletes. Usage: node --experimental-websocket fhir.mjs CLIENT BASE_URL RUN, where RUN makes the
// names of this run its own. Ends with 0 and prints, as JSON, what the service should now have; else says what was not as it should be.
import assert from 'node:assert/strict';

const [name, base, run] = process.argv.slice(2);
const SYSTEM = 'urn:test:foreign-clients';

/** Each client behind the few calls that all of them have; how a call is made is the client's own business. */
const clients = {
  'fhir-kit-client': async () => {
    const { Client } = await import('fhir-kit-client');
    const client = new Client({ baseUrl: base });
    return {
      capabilities: () => client.capabilityStatement(),
      create: (body) => client.create({ resourceType: body.resourceType, body }),
      read: (resourceType, id) => client.read({ resourceType, id }),
      update: (body) => client.update({ resourceType: body.resourceType, id: body.id, body }),
      patch: (resourceType, id, jsonPatch) => client.patch({ resourceType, id, jsonPatch }),
      transaction: (body) => client.transaction({ body }),
      history: (resourceType, id) => client.resourceHistory({ resourceType, id }),
      remove: (resourceType, id) => client.delete({ resourceType, id }),
      async *pages(resourceType, searchParams) {
        let bundle = await client.search({ resourceType, searchParams });
        while (bundle) {
          yield (bundle.entry ?? []).map((entry) => entry.resource);
          bundle = await client.nextPage({ bundle });
        }
      },
      status: (error) => error.response.status,
    };
  },
  fhirclient: async () => {
    const { default: fhirclient } = await import('fhirclient');
    const client = new fhirclient.FhirClient(base);
    return {
      capabilities: () => client.fhirRequest('metadata'),
      create: (body) => client.create(body),
      read: (type, id) => client.fhirRequest(`${type}/${id}`),
      update: (body) => client.update(body),
      patch: (type, id, patch) => client.patch(`${type}/${id}`, patch),
      transaction: (body) =>
        client.fhirRequest('', { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/fhir+json' } }),
      history: (type, id) => client.fhirRequest(`${type}/${id}/_history`),
      remove: (type, id) => client.delete(`${type}/${id}`),
      async *pages(type, parameters) {
        for await (const bundle of client.pages(`${type}?${new URLSearchParams(parameters)}`)) {
          yield (bundle.entry ?? []).map((entry) => entry.resource);
        }
      },
      status: (error) => error.statusCode ?? error.status,
    };
  },
  '@medplum/core': async () => {
    const { MedplumClient } = await import('@medplum/core');
    const url = new URL(base);
    const client = new MedplumClient({ baseUrl: url.origin, fhirUrlPath: url.pathname.slice(1), fetch, maxRetries: 0 });
    return {
      capabilities: () => client.get(`${base}/metadata`),
      create: (body) => client.createResource(body),
      read: (type, id) => client.readResource(type, id),
      update: (body) => client.updateResource(body),
      patch: (type, id, patch) => client.patchResource(type, id, patch),
      transaction: (body) => client.executeBatch(body),
      history: (type, id) => client.readHistory(type, id),
      remove: (type, id) => client.deleteResource(type, id),
      pages: (type, parameters) => client.searchResourcePages(type, parameters),
      // It keeps the OperationOutcome and not the status.
      status: (error) => ({ deleted: 410, required: 400 })[error.outcome.issue[0].code],
    };
  },
};

const client = await clients[name]();

const capabilities = await client.capabilities();
assert.equal(capabilities.resourceType, 'CapabilityStatement');
assert.equal(capabilities.fhirVersion, '4.0.1');

const patient = await client.create({
  resourceType: 'Patient',
  identifier: [{ system: SYSTEM, value: `patient-${run}` }],
  name: [{ family: `Núñez-${run}`, given: ['Zoë'] }],
  gender: 'unknown',
});
assert.match(patient.id, /^[A-Za-z0-9.-]{1,64}$/);
assert.equal(patient.meta.versionId, '1');
assert.equal((await client.read('Patient', patient.id)).name[0].given[0], 'Zoë');

const updated = await client.update({ ...patient, birthDate: '1980-05' });
assert.equal(updated.meta.versionId, '2');
const patched = await client.patch('Patient', patient.id, [
  { op: 'test', path: '/gender', value: 'unknown' },
  { op: 'replace', path: '/gender', value: 'female' },
]);
assert.equal(patched.gender, 'female');
assert.equal(patched.birthDate, '1980-05');
assert.equal(patched.meta.versionId, '3');

const COUNT = 12;
const observation = (number) => ({
  fullUrl: `urn:uuid:00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
  resource: {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: SYSTEM, code: `code-${run}` }] },
    subject: { reference: `Patient/${patient.id}` },
    effectiveDateTime: `2026-01-${String(number).padStart(2, '0')}`,
    valueQuantity: { value: number, unit: 'U', system: SYSTEM, code: 'U' },
    // The second names the first by the URL that it has in this bundle only.
    ...(number === 2 ? { derivedFrom: [{ reference: 'urn:uuid:00000000-0000-4000-8000-000000000001' }] } : {}),
  },
  request: { method: 'POST', url: 'Observation' },
});
const answer = await client.transaction({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: Array.from({ length: COUNT }, (_, index) => observation(index + 1)),
});
assert.equal(answer.type, 'transaction-response');
assert.deepEqual(answer.entry.map((entry) => entry.response.status.slice(0, 3)), Array(COUNT).fill('201'));

const search = async (parameters) => {
  const pages = [];
  for await (const page of client.pages('Observation', parameters)) {
    pages.push(page);
  }
  return pages;
};
const pages = await search({ code: `${SYSTEM}|code-${run}`, subject: `Patient/${patient.id}`, _sort: 'date', _count: '5' });
const found = pages.flat();
assert.deepEqual(found.map((one) => one.valueQuantity.value), Array.from({ length: COUNT }, (_, index) => index + 1));
assert.ok(pages.length >= 3, `${pages.length} pages`);
assert.equal(found[1].derivedFrom[0].reference, `Observation/${found[0].id}`);
const few = (await search({ 'subject:Patient.family': `nunez-${run}`, date: 'ge2026-01-10', 'value-quantity': 'lt12' })).flat();
assert.deepEqual(few.map((one) => one.valueQuantity.value).sort(), [10, 11]);

const last = found.at(-1);
await client.remove('Observation', last.id);
const gone = await client.read('Observation', last.id).then(() => assert.fail('read what was deleted'), (error) => error);
assert.equal(client.status(gone), 410, String(gone));
await client.transaction({ resourceType: 'Bundle', type: 'transaction', entry: [{ request: { method: 'PUT', url: 'Observation' } }] }).then(
  () => assert.fail('took an entry without a resource'),
  (error) => assert.equal(client.status(error), 400, String(error)),
);
assert.equal((await client.history('Patient', patient.id)).entry.length, 3);

console.log(JSON.stringify({ patient: patient.id, observations: found.slice(0, -1).map((one) => one.id), deleted: last.id }));
