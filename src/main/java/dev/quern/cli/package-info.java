/** The command line: {@code quern serve}, {@code batch}, {@code bench}, {@code models}. */
package dev.quern.cli;
