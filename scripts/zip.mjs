// A zip archive whose bytes depend on its files alone: sorted names, one date, no owner.

import { crc32, deflateRawSync } from 'node:zlib';

const DOS_DATE = 0x0021; // 1980-01-01, the oldest that the format has
const EXECUTABLE = 0o100755;
const ORDINARY = 0o100644;

/** @param {ReadonlyMap<string, {bytes: Uint8Array, executable?: boolean}>} files */
export function zip(files) {
  const parts = [];
  const directory = [];
  let at = 0;
  const push = (...chunks) => {
    for (const chunk of chunks) {
      parts.push(chunk);
      at += chunk.length;
    }
  };
  for (const [name, { bytes, executable }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const packed = deflateRawSync(bytes, { level: 9 });
    const named = Buffer.from(name);
    const shared = sharedHeader(named, bytes, packed);
    directory.push(centralHeader(shared, at, executable === true), named);
    push(localHeader(shared), named, packed);
  }
  const start = at;
  push(...directory);
  push(endRecord(files.size, at - start, start));
  return Buffer.concat(parts);
}

function sharedHeader(name, bytes, packed) {
  const header = Buffer.alloc(26);
  header.writeUInt16LE(20, 0); // version that is needed to read it
  header.writeUInt16LE(0x0800, 2); // names are UTF-8
  header.writeUInt16LE(8, 4); // deflate
  header.writeUInt16LE(DOS_DATE, 8);
  header.writeUInt32LE(crc32(bytes), 10);
  header.writeUInt32LE(packed.length, 14);
  header.writeUInt32LE(bytes.length, 18);
  header.writeUInt16LE(name.length, 22);
  return header;
}

function localHeader(shared) {
  return Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared]);
}

function centralHeader(shared, at, executable) {
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(((executable ? EXECUTABLE : ORDINARY) << 16) >>> 0, 6);
  rest.writeUInt32LE(at, 10);
  return Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), shared, rest]);
}

function endRecord(count, size, start) {
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(start, 16);
  return end;
}
