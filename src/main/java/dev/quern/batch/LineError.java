package dev.quern.batch;

/**
 * Why a line failed, in the one error shape.
 *
 * @param status the HTTP status that the same request would get
 * @param message for a person
 * @param type such as {@code BadRequestError}
 * @param param the field at fault, or null
 */
record LineError(int status, String message, String type, String param) {
  static LineError badRequest(String message, String param) {
    return new LineError(400, message, "BadRequestError", param);
  }

  static LineError internal(Throwable cause) {
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return new LineError(500, message, "InternalServerError", null);
  }
}
