/** JSON in a file of the store, as strict as evidence is: what stands there may have been put there. */

import { QpoeError } from '../core/error.ts';
import { JsonError, type JsonObject, parseJsonBytes, WRAPPED } from '../core/json.ts';
import { readOwn } from './files.ts';

/** @throws QpoeError `unreadable` */
export function readOwnJson(path: string): JsonObject {
  try {
    return parseJsonBytes(readOwn(path, WRAPPED.bytes), WRAPPED) as JsonObject;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new QpoeError('unreadable', `${path}: ${error.message}`, 'restore it, or take it away');
  }
}
