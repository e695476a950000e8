//! Documents of the kinds there are recipes for, whole and wrong.

use super::json::inside;

#[test]
fn json_is_found_in_its_wrapper_and_nowhere_else() {
    for wrapped in [
        "{\"a\":1}",
        " \u{feff}{\"a\":1}\n",
        "cb({\"a\":1});",
        "/**/jQuery1_2({\"a\":1})",
        "/* by */ a.b.c && a.b.c({\"a\":1});",
        "var x = {\"a\":1};",
        "window.x={\"a\":1}",
        "window['x'][\"y\"] = {\"a\":1};//end",
        ")]}',\n{\"a\":1}",
        "for(;;);{\"a\":1}",
        "while (1); {\"a\":1}",
    ] {
        assert_eq!(inside(wrapped, None), "{\"a\":1}", "{wrapped}");
    }
    assert_eq!(inside("var x=[1];", None), "[1]");
    for other in ["", "no", "<html>{}</html>", "a b({})", "cb()", "cb(7)"] {
        assert!(!inside(other, None).starts_with(['{', '[']), "{other}");
    }
}
