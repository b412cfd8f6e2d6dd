package dev.quern.text;

import static java.lang.constant.ConstantDescs.CD_String;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.AccessFlag;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;

/**
 * Loads a JNI library into the class loader of the class that has the native methods.
 *
 * <p>{@link System#load} binds to its caller's loader. Where the dependency's loader is another one
 * (Quarkus tests and live reload), a one-method class is defined beside the JNI class and makes the
 * call from there. The usual case, one loader, pays nothing for it.
 */
final class LoaderOf {
  private static final ClassDesc SYSTEM = ClassDesc.of("java.lang.System");
  private static final MethodTypeDesc LOAD = MethodTypeDesc.of(CD_void, CD_String);

  private LoaderOf() {}

  static void load(Class<?> jniClass, Path library) {
    String path = library.toAbsolutePath().toString();
    if (jniClass.getClassLoader() == LoaderOf.class.getClassLoader()) {
      System.load(path);
      return;
    }
    try {
      caller(jniClass).getMethod("load", String.class).invoke(null, path);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof UnsatisfiedLinkError error) throw error;
      throw new IllegalStateException("cannot load " + path, e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot load " + path, e);
    }
  }

  private static synchronized Class<?> caller(Class<?> jniClass)
      throws ReflectiveOperationException {
    String name = jniClass.getPackageName() + ".QuernLibraryCaller";
    try {
      return Class.forName(name, true, jniClass.getClassLoader());
    } catch (ClassNotFoundException e) {
      byte[] bytes =
          ClassFile.of()
              .build(
                  ClassDesc.of(name),
                  type ->
                      type.withFlags(AccessFlag.PUBLIC, AccessFlag.FINAL)
                          .withMethodBody(
                              "load",
                              LOAD,
                              ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC,
                              code -> code.aload(0).invokestatic(SYSTEM, "load", LOAD).return_()));
      return MethodHandles.privateLookupIn(jniClass, MethodHandles.lookup()).defineClass(bytes);
    }
  }
}
