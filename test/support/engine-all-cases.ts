/** Every table of kernel cases, for what is asked of all of them: that they cover every kernel, and the table in the docs. */
import { convolutionCases } from './engine-convolution-cases.ts';
import { elementwiseCases } from './engine-elementwise-cases.ts';
import { gradientCases } from './engine-gradient-cases.ts';
import { imageCases } from './engine-image-cases.ts';
import { indexingCases } from './engine-indexing-cases.ts';
import type { KernelCase } from './engine-kernel-case.ts';
import { normalizationCases } from './engine-normalization-cases.ts';
import { poolingCases } from './engine-pooling-cases.ts';
import { productCases } from './engine-product-cases.ts';
import { rearrangementCases } from './engine-rearrangement-cases.ts';
import { reductionCases } from './engine-reduction-cases.ts';
import { shapeCases } from './engine-shape-cases.ts';
import { specialConvolutionCases } from './engine-special-convolution-cases.ts';
import { unaryCases } from './engine-unary-cases.ts';

export const allCases: readonly KernelCase[] = [
  ...convolutionCases,
  ...elementwiseCases,
  ...gradientCases,
  ...imageCases,
  ...indexingCases,
  ...normalizationCases,
  ...poolingCases,
  ...productCases,
  ...rearrangementCases,
  ...reductionCases,
  ...shapeCases,
  ...specialConvolutionCases,
  ...unaryCases,
];
