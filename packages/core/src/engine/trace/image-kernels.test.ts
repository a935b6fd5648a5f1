import { imageCases } from '../../../../../test/support/engine-image-cases.ts';
import { describeKernelCases } from '../../../../../test/support/engine-kernel-cases.ts';

describeKernelCases(imageCases);
