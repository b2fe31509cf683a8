/**
 * The parts of a zip file (PKWARE APPNOTE 6.3.10) that both its writer and its reader name:
 *
 *     local header, name, extra, data      one a file, one after another from the first byte
 *     central header, name, extra, comment  one a file, in the same order
 *     end record                            the last 22 bytes
 */

export const LOCAL = 0x04034b50;
export const CENTRAL = 0x02014b50;
export const END = 0x06054b50;
export const LOCAL_BYTES = 30;
export const CENTRAL_BYTES = 46;
export const END_BYTES = 22;
/** General purpose bit 11: the name is UTF-8. */
export const UTF8_NAME = 0x0800;
export const STORED = 0;
export const DEFLATED = 8;
export const REGULAR_FILE = 0o100000;
export const FILE_TYPE = 0o170000;
/** Past these a zip needs the 64-bit records, of which there are none here. */
export const MOST_FILES = 0xfffe;
export const MOST_BYTES = 0xfffffffe;
