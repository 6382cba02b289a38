//! What templates hand over. In a template a field arrives by reference, a loop variable by a reference to a reference, and
//! a call by value; these traits let a part take all three.

use ungcuu_kit::time::Time;

/// A moment, if it is known: `Time`, `Option<Time>`, or a reference to either.
pub trait Instant {
    fn instant(&self) -> Option<Time>;
}

impl Instant for Time {
    fn instant(&self) -> Option<Time> {
        Some(*self)
    }
}

impl<T: Instant> Instant for Option<T> {
    fn instant(&self) -> Option<Time> {
        self.as_ref().and_then(T::instant)
    }
}

impl<T: Instant + ?Sized> Instant for &T {
    fn instant(&self) -> Option<Time> {
        (**self).instant()
    }
}

/// A whole number of any width.
pub trait Whole {
    fn whole(&self) -> i64;
}

impl<T: Whole + ?Sized> Whole for &T {
    fn whole(&self) -> i64 {
        (**self).whole()
    }
}

/// Widths that always fit.
macro_rules! whole {
    ($($kind:ty),+) => {
        $(impl Whole for $kind {
            fn whole(&self) -> i64 {
                i64::from(*self)
            }
        })+
    };
}

whole!(i64, i32, i16, u8, u16, u32);

impl Whole for usize {
    fn whole(&self) -> i64 {
        i64::try_from(*self).unwrap_or(i64::MAX)
    }
}

impl Whole for u64 {
    fn whole(&self) -> i64 {
        i64::try_from(*self).unwrap_or(i64::MAX)
    }
}

/// Yes or no.
pub trait Truth {
    fn truth(&self) -> bool;
}

impl Truth for bool {
    fn truth(&self) -> bool {
        *self
    }
}

impl<T: Truth + ?Sized> Truth for &T {
    fn truth(&self) -> bool {
        (**self).truth()
    }
}

/// Words that may be missing: text, or an `Option` of it.
pub trait Maybe {
    fn maybe(&self) -> Option<String>;
}

impl Maybe for str {
    fn maybe(&self) -> Option<String> {
        Some(self.to_owned())
    }
}

impl Maybe for String {
    fn maybe(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl<T: Maybe> Maybe for Option<T> {
    fn maybe(&self) -> Option<String> {
        self.as_ref().and_then(T::maybe)
    }
}

impl<T: Maybe + ?Sized> Maybe for &T {
    fn maybe(&self) -> Option<String> {
        (**self).maybe()
    }
}
