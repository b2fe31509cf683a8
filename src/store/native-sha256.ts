/** Node's SHA-256 in place of the portable one. Importing this module is enough. */

import { hash } from 'node:crypto';
import { useNativeSha256 } from '../core/digest.ts';

useNativeSha256((bytes) => hash('sha256', bytes, 'buffer'));
