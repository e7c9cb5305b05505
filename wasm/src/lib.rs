//! The border between a page and `guardduty_runbooks::site::filling`: three functions in plain
//! WebAssembly, so that the page needs no generated code.
//!
//! The page asks for room with [`room`], writes its question there, calls [`answer`] with the
//! length, and reads the answer at the place and in the length that it gives. There is no `unsafe`
//! block: Rust only ever sees vectors that it owns.

use std::cell::RefCell;

use guardduty_runbooks::site::filling;

thread_local! {
    static QUESTION: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static ANSWER: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Makes room for a question; the address of its first byte.
#[expect(unsafe_code, reason = "the name is what the page calls; nothing else has it")]
#[unsafe(no_mangle)]
pub extern "C" fn room(length: usize) -> *mut u8 {
    QUESTION.with_borrow_mut(|question| {
        question.clear();
        question.resize(length, 0);
        question.as_mut_ptr()
    })
}

/// Answers the question that was written; the address of the answer.
#[expect(unsafe_code, reason = "the name is what the page calls; nothing else has it")]
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> *const u8 {
    let question = QUESTION.take();
    let text = filling::answer(&String::from_utf8_lossy(&question));
    ANSWER.replace(text);
    ANSWER.with_borrow(|answer| answer.as_ptr())
}

/// The length of the last answer, in bytes of UTF-8.
#[expect(unsafe_code, reason = "the name is what the page calls; nothing else has it")]
#[unsafe(no_mangle)]
pub extern "C" fn answer_length() -> usize {
    ANSWER.with_borrow(String::len)
}
