/**
 * {@code quern check}: every op of a device against the CPU's plain ops, for users as much as for
 * us; and the collectives between GPUs.
 */
package dev.quern.check;
