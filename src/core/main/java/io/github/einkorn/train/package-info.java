/** Training as Keras does it: {@link io.github.einkorn.train.Trainer}, its metrics and callbacks. */
package io.github.einkorn.train;
