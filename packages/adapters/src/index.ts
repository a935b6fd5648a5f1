export { image } from './image/index.ts';
export { text } from './text/index.ts';
