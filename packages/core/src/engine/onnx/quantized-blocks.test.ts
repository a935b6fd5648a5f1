import { fc, test } from '../../../../../test/support/engine-arbitraries.ts';
