// The same requests as `qpoe runtime import --all`, four at a time, and nothing done with the answers.

const { QISKIT_IBM_TOKEN: apikey = '', QISKIT_IBM_INSTANCE: crn = '', IAM_URL: origin = '' } = process.env;
const api = `${origin}/api/v1`;
const started = performance.now();
const body = new URLSearchParams({ grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey });
const { access_token: token } = (await (
  await fetch(`${origin}/identity/token`, { method: 'POST', body })
).json()) as {
  access_token: string;
};
const get = async (path: string): Promise<Uint8Array> => {
  const headers = { authorization: `Bearer ${token}`, 'service-crn': crn, 'ibm-api-version': '2026-04-15' };
  return new Uint8Array(await (await fetch(`${api}${path}`, { headers })).arrayBuffer());
};
const ids: string[] = [];
for (let count = 1; ids.length < count; ) {
  const page = JSON.parse(
    new TextDecoder().decode(await get(`/jobs?limit=200&offset=${ids.length}&sort=ASC`)),
  );
  count = page.count;
  ids.push(...page.jobs.map(({ id }: { id: string }) => id));
}
let next = 0;
const work = async (): Promise<void> => {
  for (let id = ids[next++]; id !== undefined; id = ids[next++])
    for (const what of ['', '/metrics', '/results']) await get(`/jobs/${id}${what}`);
};
await Promise.all([work(), work(), work(), work()]);
console.log(JSON.stringify({ jobs: ids.length, seconds: (performance.now() - started) / 1000 }));
