/** Registers how every traced kernel is recorded; importing this module does it. */
import './convolution-kernels.ts';
import './elementwise-kernels.ts';
import './image-kernels.ts';
import './indexing-kernels.ts';
import './normalization-kernels.ts';
import './pooling-kernels.ts';
import './product-kernels.ts';
import './rearrangement-kernels.ts';
import './reduction-kernels.ts';
import './shape-kernels.ts';
import './unary-kernels.ts';
