/** What moves parameters against their gradients: {@link io.github.einkorn.optim.SGD}, Adam, AdamW. */
package io.github.einkorn.optim;
