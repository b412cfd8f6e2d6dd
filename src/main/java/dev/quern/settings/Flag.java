package dev.quern.settings;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a setting is for and which values it takes; on a group's method, the group's title. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Flag {
  /** The text of {@code --help}. */
  String value();

  /** Its name where it is not the method's. */
  String name() default "";

  /** The value when it is not set; empty = none. */
  String defaultsTo() default "";

  /** The only values allowed; empty = any. */
  String[] oneOf() default {};

  /** Smallest number allowed. */
  double min() default Double.NEGATIVE_INFINITY;

  /** Largest number allowed. */
  double max() default Double.POSITIVE_INFINITY;

  /** A word that stands for -1; empty = none. */
  String autoWord() default "";

  /** The value is never shown. */
  boolean secret() default false;

  /** The value must be a JSON object. */
  boolean json() default false;
}
