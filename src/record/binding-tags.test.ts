import { describe, expect, it } from 'vitest';
import type { BoundProvenance } from './binding.ts';
import { bindingTagsAmong, MAX_TAG_LENGTH, tagsOfBinding } from './binding-tags.ts';

const STATEMENT = `sha256:${'ab'.repeat(32)}` as const;
const LOG = { log: '0123abcd.4567.qpoe.internal', log_index: 7 };
const UUID = `${'0'.repeat(15)}1${'cd'.repeat(32)}`;
const provenance = (entry: BoundProvenance['transparency_entry']): BoundProvenance => ({
  aiir_statement: STATEMENT,
  transparency_entry: entry,
});

describe('tagsOfBinding', () => {
  it('names the entry by its place, or by the uuid that a Rekor gave it', () => {
    expect(tagsOfBinding(provenance(LOG))).toEqual([
      `aiir:${STATEMENT}`,
      'tlog:7@0123abcd.4567.qpoe.internal',
    ]);
    expect(tagsOfBinding(provenance({ ...LOG, uuid: UUID }))).toEqual([`aiir:${STATEMENT}`, `rekor:${UUID}`]);
    expect(tagsOfBinding(provenance({ ...LOG, uuid: UUID }))[1]).toHaveLength(MAX_TAG_LENGTH);
  });

  it('takes an origin that just fits, and refuses a longer one', () => {
    const log = 'o'.repeat(MAX_TAG_LENGTH - 'tlog:7@'.length);
    expect(tagsOfBinding(provenance({ log, log_index: 7 }))[1]).toHaveLength(MAX_TAG_LENGTH);
    expect(() => tagsOfBinding(provenance({ log, log_index: 17 }))).toThrow('87 characters of at most 86');
  });
});

describe('bindingTagsAmong', () => {
  it.each([LOG, { ...LOG, uuid: UUID }])('reads what tagsOfBinding wrote, among tags of others', (entry) => {
    const { found, fault } = bindingTagsAmong(['sweep', ...tagsOfBinding(provenance(entry)), 'aiirplane']);
    expect(fault).toBeUndefined();
    const told = 'uuid' in entry ? { uuid: entry.uuid } : entry;
    expect(found).toEqual({ aiir_statement: STATEMENT, transparency_entry: told });
  });

  it('finds nothing where no tag is a binding’s', () => {
    expect(bindingTagsAmong([])).toEqual({});
    expect(bindingTagsAmong(['sweep', 'a:b'])).toEqual({});
  });

  const [statement, entry] = tagsOfBinding(provenance(LOG));
  it('counts a tag that stands twice once', () => {
    expect(bindingTagsAmong([statement, entry, statement]).fault).toBeUndefined();
  });

  it.each([
    [[statement, entry, `aiir:sha256:${'00'.repeat(32)}`], '2 tags name a statement'],
    [[statement, entry, `rekor:${UUID}`], "2 tags name a log's entry"],
    [[statement], "stands without a log entry's tag"],
    [[entry], "stands without a statement's tag"],
    [['aiir:sha256:ABCD', entry], 'names no SHA-256'],
    [[`aiir:${STATEMENT.toUpperCase()}`, entry], 'names no SHA-256'],
    [[statement, `rekor:${UUID.slice(1)}`], 'names no entry of a log'],
    [[statement, `rekor:${UUID}\n`], 'names no entry of a log'],
    [[statement, 'tlog:07@a.example'], 'names no entry of a log'],
    [[statement, 'tlog:7@'], 'names no entry of a log'],
    [[statement, 'tlog:9007199254740993@a.example'], 'names no entry of a log'],
    [[statement, 'tlog:7@a example'], 'names no entry of a log'],
    [[statement, `tlog:7@${'o'.repeat(80)}`], 'names no entry of a log'],
  ])('says what is wrong with %j', (tags, fault) => {
    const read = bindingTagsAmong(tags);
    expect(read.found).toBeUndefined();
    expect(read.fault).toContain(fault);
  });

  it('prints no control character of a tag', () => {
    expect(bindingTagsAmong(['aiir:\u001b[32m']).fault).toContain('\\u{1b}');
  });
});
