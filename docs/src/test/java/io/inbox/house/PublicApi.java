package io.inbox.house;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.lang.model.element.Modifier;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

/**
 * Reads sources without compiling them and lists what a user can see and finds no sentence about.
 */
final class PublicApi extends TreePathScanner<Void, Void> {

  private final DocTrees docs;
  private final Set<String> packages;
  private final List<String> undocumented = new ArrayList<>();

  private PublicApi(DocTrees docs, Set<String> packages) {
    this.docs = docs;
    this.packages = packages;
  }

  /** The public elements of these packages whose Javadoc has no first sentence. */
  static List<String> undocumented(
      Iterable<? extends JavaFileObject> sources, Set<String> packages) {
    JavacTask task =
        (JavacTask)
            ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, null, List.of("-proc:none"), null, sources);
    PublicApi api = new PublicApi(DocTrees.instance(task), packages);
    try {
      for (CompilationUnitTree unit : task.parse()) {
        api.scan(unit, null);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return api.undocumented;
  }

  @Override
  public Void visitCompilationUnit(CompilationUnitTree unit, Void nothing) {
    return unit.getPackageName() != null && packages.contains(unit.getPackageName().toString())
        ? super.visitCompilationUnit(unit, null)
        : null;
  }

  @Override
  public Void visitClass(ClassTree type, Void nothing) {
    if (!visible(type.getModifiers())) {
      return null;
    }
    check(type.getSimpleName().toString());
    return super.visitClass(type, null);
  }

  @Override
  public Void visitMethod(MethodTree method, Void nothing) {
    if (visible(method.getModifiers()) && !overrides(method)) {
      check(owner().getSimpleName() + "." + method.getName());
    }
    return null;
  }

  private ClassTree owner() {
    return (ClassTree) getCurrentPath().getParentPath().getLeaf();
  }

  private boolean visible(ModifiersTree modifiers) {
    Set<Modifier> flags = modifiers.getFlags();
    if (flags.contains(Modifier.PUBLIC) || flags.contains(Modifier.PROTECTED)) {
      return true;
    }
    Tree around =
        getCurrentPath().getParentPath() == null
            ? null
            : getCurrentPath().getParentPath().getLeaf();
    return around != null
        && around.getKind() == Tree.Kind.INTERFACE
        && !flags.contains(Modifier.PRIVATE);
  }

  /** What overrides inherits its sentence; a record says in its own comment what it is made of. */
  private boolean overrides(MethodTree method) {
    return method.getModifiers().getAnnotations().stream()
            .anyMatch(annotation -> annotation.getAnnotationType().toString().equals("Override"))
        || (owner().getKind() == Tree.Kind.RECORD && method.getReturnType() == null);
  }

  private void check(String name) {
    DocCommentTree comment = docs.getDocCommentTree(getCurrentPath());
    if (comment == null || comment.getFirstSentence().isEmpty()) {
      CompilationUnitTree unit = getCurrentPath().getCompilationUnit();
      undocumented.add(unit.getPackageName() + "." + name);
    }
  }
}
