/**
 * What moves parameters against their gradients, from {@link io.github.einkorn.optim.SGD} to NAdam; the schedules of
 * its learning rate; and the clipping of gradients.
 */
package io.github.einkorn.optim;
