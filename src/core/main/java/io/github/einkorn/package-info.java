/** Tensors and their gradients, the scopes that free them, what they cannot do, and the settings of the process. */
package io.github.einkorn;
