// `*` and `?` within a name, `**` across folders, and nothing else. A dot at the beginning of a name is a sign like any other: a bundle in `.hidden/`
// would else be passed over in silence.

/** @returns {RegExp} */
export function globPattern(glob) {
  const source = glob.replaceAll(
    /\*\*\/|\*\*|\*|\?|[^*?]/gsu,
    (part) => MEANINGS[part] ?? RegExp.escape(part),
  );
  return new RegExp(`^${source}$`, 'su');
}

const MEANINGS = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' };
