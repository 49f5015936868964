//! What author code can reach: its own workspace's modules, and nothing else.

use super::*;

fn import_error(files: &Workspace, import: &str) -> String {
    files.write("ops/op.ts", &format!("{import}\nexport default 1;"));
    files.load("ops/op.ts").err().unwrap().diagnostic.message
}

#[test]
fn imports_stay_inside_the_root() {
    let files = Workspace::new(&[("secret.txt", "x")]);
    let deep = format!("{}etc/passwd", "../".repeat(40));
    assert_eq!(import_error(&files, &format!("import '{deep}';")), format!("`{deep}` leads out of the workspace"));
    assert_eq!(import_error(&files, "import '../../etc/passwd';"), "`../../etc/passwd` leads out of the workspace");
    assert_eq!(import_error(&files, "import '/etc/passwd';"), "`/etc/passwd` is an absolute path");
    assert_eq!(
        import_error(&files, "import 'file:///etc/passwd';"),
        "`file:///etc/passwd` is a URL, which is never fetched"
    );
    assert_eq!(import_error(&files, "import '../secret.txt';"), "`../secret.txt` is not a file that can be imported");
    assert_eq!(import_error(&files, "export * from '..\\u002f../x';"), "`../../x` leads out of the workspace");
    assert_eq!(import_error(&files, "await import('/etc/passwd');"), "`/etc/passwd` is an absolute path");
    let hidden = import_error(&files, "await import('/etc/' + 'passwd');");
    assert!(hidden.starts_with("loading failed: "), "{hidden}");
    let hidden = import_error(&files, "await import('fibric:glue');");
    assert!(hidden.contains("fibric:glue"), "{hidden}");
}

#[cfg(unix)]
#[test]
fn symlinks_are_followed_before_they_are_judged() {
    use std::os::unix::fs::symlink;
    let outside = Workspace::new(&[("key.json", "{}"), ("op.ts", "export default 1;")]);
    let files = Workspace::new(&[("inside/a.json", "{\"a\":1}")]);
    fs::create_dir_all(files.path().join("ops")).unwrap();
    symlink(outside.path().join("key.json"), files.path().join("ops/key.json")).unwrap();
    symlink(outside.path(), files.path().join("ops/out")).unwrap();
    symlink(files.path().join("ops/loop.ts"), files.path().join("ops/loop.ts")).unwrap();
    symlink(files.path().join("inside"), files.path().join("ops/in")).unwrap();
    symlink(outside.path().join("op.ts"), files.path().join("entry.ts")).unwrap();
    assert_eq!(import_error(&files, "import './key.json';"), "`./key.json` leads out of the workspace");
    assert_eq!(import_error(&files, "import './out/key.json';"), "`./out/key.json` leads out of the workspace");
    assert_eq!(import_error(&files, "import './loop.ts';"), "`./loop.ts` was not found");
    assert_eq!(
        import_error(&files, "import './in/a.json';"),
        "the default export is neither a connector nor an operator"
    );
    assert_eq!(files.load("entry.ts").err().unwrap().diagnostic.message, "`entry.ts` leads out of the workspace");
}

#[test]
fn there_is_nothing_to_reach() {
    let (_files, mut host) = host_of(
        "const names = ['process', 'require', 'fetch', 'Deno', 'Bun', 'std', 'os', 'bjson', 'print', 'scriptArgs', 'Worker',
           'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry', 'WebAssembly', 'fibric:sdk', 'gc', 'navigator'];
         const g = globalThis as any;
         const viaEval = (0, eval)('typeof process + typeof require');
         const viaFunction = new Function('return typeof process')();
         const hidden = Object.getOwnPropertyNames(g).filter((n) => n.includes('fibric') || n.includes('host'));
         return { found: names.filter((n) => n in g), viaEval, viaFunction, hidden, meta: Object.keys(import.meta) };",
    );
    assert_eq!(
        propose(&mut *host).unwrap(),
        r#"{"found":[],"viaEval":"undefinedundefined","viaFunction":"undefined","hidden":[],"meta":[]}"#
    );
}

#[test]
fn imports_of_every_allowed_kind_work() {
    let files = Workspace::new(&[
        ("ops/a.ts", "export const a: number = 1;"),
        ("ops/b.js", "export const b = 2;"),
        ("ops/c/index.ts", "export { a as c } from '../a';"),
        ("data.json", "\u{feff}{\"d\": [4], \"__proto__\": 5}"),
        ("ops/cycle.ts", "import { e } from './cycle2'; export const f = () => e;"),
        ("ops/cycle2.ts", "import { f } from './cycle'; export const e = 6; export const g = () => f();"),
    ]);
    let imports = "import { a } from './a.js';\nimport { b } from './b';\nimport { c } from './c';\nimport data from '../data.json';\nimport { g } from './cycle2';\n";
    let late = "const late = await import('./a');\n";
    files.write(
        "ops/op.ts",
        &format!("{imports}{}", operator(&format!("{late}return {{ a, b, c, d: data.d, g: g(), late: late.a }};"))),
    );
    assert_eq!(propose(&mut *files.host("ops/op.ts")).unwrap(), r#"{"a":1,"b":2,"c":1,"d":[4],"g":6,"late":1}"#);
}

#[test]
fn what_author_code_replaces_changes_nothing_of_the_kernels() {
    let (_files, mut host) = host_of(
        "const bad = () => { throw new Error('taken over'); };
         const g = globalThis as any;
         JSON.parse = bad as any; JSON.stringify = bad as any;
         Promise.prototype.then = bad as any; Promise.resolve = bad as any; g.Promise = bad; g.Object = bad; g.Error = bad; g.String = bad;
         Array.prototype.map = bad as any; Array.prototype.push = bad as any; (Array.prototype as any)[Symbol.iterator] = bad;
         Function.prototype.call = bad as any; Function.prototype.apply = bad as any; Function.prototype.bind = bad as any;
         Object.defineProperty = bad as any; Object.freeze = bad as any; Reflect.apply = bad as any; Reflect.ownKeys = bad as any;
         const keys = ['stub', 'value', 'envelope', 'method', 'path', '0', 'issues', 'get', 'then'];
         for (let i = 0; i < keys.length; i += 1)
           Reflect.defineProperty(g.Array.prototype.__proto__, keys[i], { __proto__: null, set() { bad(); }, configurable: true } as any);
         const seen: any = await ctx.sense('orders.read', { id: 1 });
         ctx.log.info('still', 'here');
         return { seen: seen.status, reasoned: (await ctx.reason({ b: 1 })).stubbed.b };",
    );
    let mut world = World::default();
    assert_eq!(propose_in(&mut *host, &mut world, "e").unwrap(), r#"{"seen":"open","reasoned":1}"#);
    assert_eq!(world.logged, ["info still here"]);
    assert_eq!(world.sensed, [r#"orders.read {"id":1}"#]);
    let (_files, mut host) = host_of(
        "(Object.prototype as any).actions = 1; (Object.prototype as any).toJSON = undefined; return { a: {} };",
    );
    assert_eq!(propose(&mut *host).unwrap(), r#"{"a":{}}"#);
}
