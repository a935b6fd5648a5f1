#!/usr/bin/env node
// Stands in the checkout so that npm can link it before the first build; the program itself is compiled.
import '../dist/main.js';
