/** The page's one script: in the document it is the page, and in the worker that the page makes of it, the verifier. */

import { startPage } from './page.ts';
import { startWorker } from './worker.ts';

if (typeof document === 'undefined') startWorker();
else startPage();
