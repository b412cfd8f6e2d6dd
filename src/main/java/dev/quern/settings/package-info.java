/** The one reader of configuration. */
package dev.quern.settings;
