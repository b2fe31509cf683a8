import { describeSdk } from '../sdk-suite.ts';

await describeSdk({ name: 'qdk', backend: 'qdk.sparse', conditions: 'all' });
