//! The closed list of what can be wrong. A code never changes its meaning and is never used again.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Severity;

/// Declares the codes: number, name, severity and what it says in general.
macro_rules! codes {
    ($($number:literal $name:ident $severity:ident $summary:literal;)*) => {
        /// What kind of problem a diagnostic is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $summary] $name,)*
        }

        impl Code {
            /// All codes in the order of their numbers.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The stable text of the code.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("TW", $number),)*
                }
            }

            /// How bad such a problem is.
            pub fn severity(self) -> Severity {
                match self {
                    $(Self::$name => Severity::$severity,)*
                }
            }

            /// What such a problem is, in general.
            pub fn summary(self) -> &'static str {
                match self {
                    $(Self::$name => $summary,)*
                }
            }
        }
    };
}

codes! {
    "1001" MissingTask Error "The folder has no task.yaml";
    "1002" FileTooLarge Error "A file is larger than its kind may be";
    "1003" Unreadable Error "A file cannot be read";
    "1004" BadLink Error "A link leads out of the bundle, to nothing, or in a circle";
    "1005" SpecialFile Error "A socket, pipe or device lies in the bundle";
    "1006" TooManyFiles Error "The bundle holds more files than it may";
    "1007" FileName Error "A file name does not work on every system";
    "1008" NotUtf8 Error "A text file is not UTF-8";
    "1009" NulByte Error "A text file holds a NUL byte";
    "1010" ByteOrderMark Error "A text file starts with a byte order mark";
    "1011" WindowsLineEnds Error "A text file has Windows line ends";
    "1012" NoStatement Error "The statement is missing or empty";
    "1013" TooManyProblems Error "A file has more problems than are shown";
    "2001" YamlSyntax Error "The file is not YAML";
    "2002" YamlTab Error "A tab stands where YAML wants spaces";
    "2003" YamlDepth Error "The YAML is nested too deeply";
    "2004" YamlSize Error "The YAML holds, or its aliases grow to, too many values";
    "2005" DuplicateKey Error "A key is there twice";
    "2006" YamlTag Error "A value has a tag that means nothing here";
    "2007" YamlKey Error "A key is not a text";
    "2008" DocumentCount Error "The file holds no document, or more than one";
    "2009" SurprisingScalar Warning "A value is read differently by different YAML readers";
    "3001" UnknownKey Error "A key is unknown";
    "3002" MissingKey Error "A required key is missing";
    "3003" WrongType Error "A value has the wrong type";
    "3004" UnknownValue Error "A value is none of those allowed";
    "3005" InvalidName Error "A name breaks the rules for its kind";
    "3006" InvalidDuration Error "A value is not a duration";
    "3007" InvalidQuantity Error "A value is not a Kubernetes quantity";
    "3008" InvalidPath Error "A path leaves the bundle or is not well-formed";
    "3009" OutOfRange Error "A number is out of its range";
    "3010" ChooseOne Error "Exactly one of several keys has to be there";
    "3011" EmptyText Error "A text is empty or too long";
    "3012" InvalidEgress Error "An egress entry is neither a CIDR nor a DNS name";
    "3013" InvalidVersion Error "A Kubernetes version is not of the form 1.N";
    "3014" InvalidReference Error "A reference is not of the form kind/name";
    "3015" UselessKey Error "A key has no effect where it stands";
    "3016" InvalidExpression Error "A CEL expression cannot be read";
    "4001" UnknownNeed Error "`needs` names something that is not there";
    "4002" Cycle Error "Steps need each other in a circle";
    "4003" DuplicateName Error "A name is used twice";
    "4004" MissingFile Error "A file that the task refers to is not there";
    "4005" EmptyGlob Error "A pattern matches no file";
    "4006" RestrictedPath Error "A candidate would see what only graders may";
    "4007" UnknownCheck Error "`mustFail` or `needs` names a check that is not there, or not before it";
    "4008" NotAChart Error "A Helm chart is not one";
    "4009" NotAKustomization Error "A kustomization is not one";
    "4010" NoChecks Warning "Nothing grades the task";
    "4011" NoSolution Warning "No solution shows that the task can be solved";
    "4012" UnusedFile Warning "Nothing refers to a file";
    "4013" CannotFail Warning "A check passes whatever was done";
    "5001" NoShebang Error "A script does not say what runs it";
    "5002" EmptyScript Error "A script does nothing";
    "6001" NotAnObject Error "A document is not a Kubernetes object";
    "6002" NoObjectName Error "An object has no name";
    "6003" InvalidObjectName Error "An object's name or namespace breaks the rules";
    "6004" EmptyManifest Error "A manifest holds no object";
    "6005" DuplicateObject Error "An object is there twice";
    "7001" ChartSchema Error "A value breaks the schema of the vCluster chart";
    "7002" NotInOpenSource Error "A setting does nothing, or stops the start, in the open-source vCluster";
    "7003" OwnedSetting Error "A setting belongs to the platform";
    "7004" WeakensBoundary Warning "A setting opens a boundary of the task";
    "7005" NoVcluster Error "vcluster.yaml has no effect without a vCluster";
    "8001" BrokenLock Error "task.lock cannot be read";
    "8002" StaleLock Warning "The bundle has changed since it was locked";
    "8003" NotRendered Error "A chart or kustomization cannot be rendered";
    "8004" Unreachable Error "A chart cannot be fetched";
    "8005" NeedsHook Error "A chart needs a hook, and hooks are not run";
    "8006" LooksUp Warning "A template asks the cluster, which answers nothing when a chart is rendered";
    "8007" AsksCapabilities Warning "A template asks which API versions there are, which is not known when a chart is rendered";
    "8008" RandomValue Warning "A template makes another value each time";
    "8009" UnresolvedImage Warning "The digest of an image is not known";
    "9001" ApiNotServed Error "Kubernetes of the asked version does not serve an object's API version";
    "9002" VersionNotServed Error "A custom resource is of a version that its definition does not serve";
    "9003" PodSecurityRefused Warning "The pod security standard of the task refuses a pod";
    "9004" OverBudget Warning "The dependencies ask for more than the task may use";
    "9005" ServiceRefused Warning "A service wants a port or an address of the host";
    "9006" LargeDefinition Warning "A definition is too large for client-side apply";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        let texts: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert!(
            texts.is_sorted_by(|a, b| a < b),
            "each code has its own number, in order"
        );
    }
}
