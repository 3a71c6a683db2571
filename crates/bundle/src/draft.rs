//! What an author typed: `task.yaml` read into its parts, each with its place, complete or not.
//!
//! One declaration per part gives the type, the reader with its diagnostics, and the JSON Schema.

mod leaf;
mod read;
pub(crate) mod schema;

pub(crate) use leaf::{ChartName, EnvValue, InitTarget, Number, PathPattern, ResourceRef, Text, WorkloadRef};
pub(crate) use read::{At, Entries, Read, Reader, Written, suggest};

use std::time::Duration;

use crate::expression::Expression;
use crate::model::{
    Difficulty, EgressRule, Engine, Initially, Isolation, KubernetesVersion, PodSecurity, Role,
};
use crate::name::{
    AbsolutePath, ApiServiceName, ChartVersion, ClusterRoleName, ConditionType, CrdName, EnvName, HostPort,
    HttpUrl, ImageRef, LabelKey, LabelValue, Name, NamespaceName, ObjectName, ReleaseName, RepositoryUrl,
    ResourceName, TaskName, UserName, VariableName,
};
use crate::path::BundlePath;
use crate::preset::Preset;
use crate::quantity::Quantity;
use leaf::{ApiVersion, CheckTarget, TaskKind};

read::draft! {
    /// A hands-on Kubernetes task.
    struct TaskDraft {
        /// The version of this format.
        required "apiVersion" api_version: ApiVersion,
        /// What the file describes.
        required "kind" kind: TaskKind,
        /// What the task is called and filed under.
        required "metadata" metadata: MetadataDraft,
        /// The task itself.
        required "spec" spec: SpecDraft,
    }
}

read::draft! {
    /// What the task is called and filed under.
    struct MetadataDraft {
        /// The name of the task: a DNS label of at most 25 characters.
        required "name" name: TaskName,
        /// What the task is filed under.
        optional "labels" labels: Entries<LabelKey, LabelValue>,
    }
}

read::draft! {
    /// The task itself.
    struct SpecDraft {
        /// The title, as the candidate reads it.
        required "title" title: Text,
        /// How hard it is.
        required "difficulty" difficulty: Difficulty,
        /// How long the candidate has. Enforced.
        required "timeLimit" time_limit: Duration,
        /// Where the task runs and within which bounds.
        optional "environment" environment: EnvironmentDraft,
        /// What has to run before the candidate starts: one graph with the init steps.
        optional "dependencies" dependencies: Vec<At<DependencyDraft>>,
        /// Scripts that prepare the cluster.
        optional "init" init: Vec<At<InitDraft>>,
        /// The candidate's terminal. Home files lie in tty/home/, the message of the day in tty/motd.
        optional "tty" tty: TtyDraft,
        /// What grades the work. Never visible to the candidate.
        optional "checks" checks: Vec<At<CheckDraft>>,
        /// What solves the task, rightly and wrongly. Never visible to the candidate.
        optional "solutions" solutions: Vec<At<SolutionDraft>>,
    }
}

read::draft! {
    /// Where the task runs and within which bounds.
    struct EnvironmentDraft {
        /// What separates the task from others on the host. Default: vcluster.
        optional "isolation" isolation: Isolation,
        /// The minor version of Kubernetes, in quotes. Default: "1.36".
        optional "kubernetesVersion" kubernetes_version: KubernetesVersion,
        /// What the task may use, on top of what its control plane needs. Enforced.
        optional "resources" resources: ResourcesDraft,
        /// The pod security standard of the task's namespaces. Default: baseline.
        optional "podSecurity" pod_security: PodSecurity,
        /// Where the task may connect to. Nowhere by default.
        optional "egress" egress: EgressDraft,
        /// How long a boot may take. Default: 5m.
        optional "bootBudget" boot_budget: Duration,
    }
}

read::draft! {
    /// What the task may use, on top of what its control plane needs.
    struct ResourcesDraft {
        /// CPU. Default: 2.
        optional "cpu" cpu: Quantity,
        /// Memory. Default: 4Gi.
        optional "memory" memory: Quantity,
        /// How many pods. Default: 30.
        optional "pods" pods: Number<1, 1000>,
        /// Storage claimed by volumes. Default: 5Gi.
        optional "storage" storage: Quantity,
    }
}

read::draft! {
    /// Where the task may connect to.
    struct EgressDraft {
        /// CIDRs or DNS names.
        optional "allow" allow: Vec<At<EgressRule>>,
    }
}

read::draft! {
    /// Something that has to run before the candidate starts.
    struct DependencyDraft one_of ["manifests", "helm", "kustomize", "preset"] {
        /// What others call it.
        required "name" name: Name,
        /// What it is to the task. Default: service.
        optional "role" role: Role,
        /// Files of Kubernetes objects; `*` matches within a folder.
        optional "manifests" manifests: Vec<At<PathPattern>>,
        /// A Helm chart, in the bundle or from elsewhere.
        optional "helm" helm: HelmDraft,
        /// A folder with a kustomization.
        optional "kustomize" kustomize: BundlePath,
        /// A recipe for a controller, with values that fit the boundaries and gates of its own.
        optional "preset" preset: Preset,
        /// The version of the preset's chart, if it is not the one that the recipe is written for.
        optional "version" version: ChartVersion,
        /// Values files for the preset's chart; they win over its own values, later ones over earlier ones.
        optional "values" values: Vec<At<BundlePath>>,
        /// Dependencies and init steps that have to be ready before it.
        optional "needs" needs: Vec<At<Name>>,
        /// When it counts as ready.
        optional "ready" ready: Vec<At<GateDraft>>,
    }
}

read::draft! {
    /// A Helm chart, in the bundle or from elsewhere. One from elsewhere is fetched by `taskwright lock` alone.
    struct HelmDraft {
        /// The chart's folder or .tgz file in the bundle, an oci:// address, or its name in `repo`.
        required "chart" chart: ChartName,
        /// The URL of the repository that the chart comes from.
        optional "repo" repo: RepositoryUrl,
        /// The exact version of a chart from elsewhere.
        optional "version" version: ChartVersion,
        /// The namespace it is installed in. Default: default.
        optional "namespace" namespace: NamespaceName,
        /// The release's name. Default: the dependency's name.
        optional "release" release: ReleaseName,
        /// Values files; later ones win.
        optional "values" values: Vec<At<BundlePath>>,
        /// What brings its objects into the cluster: they are rendered and applied like any others, or helm installs the
        /// chart as a release and runs its hooks. Default: render.
        optional "engine" engine: Engine,
    }
}

read::draft! {
    /// When a dependency counts as ready.
    struct GateDraft
        one_of ["rollout", "condition", "crd", "job", "dryRun", "apiService", "exists", "cel", "tcp", "http"] {
        /// A workload that has rolled out: deployment/NAME, statefulset/NAME or daemonset/NAME.
        optional "rollout" rollout: WorkloadRef,
        /// A status condition that is True; the object is named by `of`.
        optional "condition" condition: ConditionType,
        /// The object of `condition`: RESOURCE/NAME or RESOURCE.GROUP/NAME.
        optional "of" of: ResourceRef,
        /// A custom resource definition that is served.
        optional "crd" crd: CrdName,
        /// A job that has completed.
        optional "job" job: ObjectName,
        /// A manifest that the API server accepts without storing it: its webhooks answer.
        optional "dryRun" dry_run: BundlePath,
        /// An API service that is available, such as v1beta1.metrics.k8s.io.
        optional "apiService" api_service: ApiServiceName,
        /// An object that is there, such as secret/web-tls.
        optional "exists" exists: ResourceRef,
        /// A CEL expression over `object` that is true; the object is named by `object`.
        optional "cel" cel: Expression,
        /// The object that the CEL expression is about, such as deployment/web.
        optional "object" object: ResourceRef,
        /// A port that takes connections from the candidate's seat, such as orders.shop.svc:5432.
        optional "tcp" tcp: HostPort,
        /// An address that answers the candidate's seat over HTTP.
        optional "http" http: HttpUrl,
        /// The HTTP status that is expected. Default: 200.
        optional "status" status: Number<100, 599>,
        /// The namespace of the object. Default: default.
        optional "namespace" namespace: NamespaceName,
        /// How long it may take. Default: the boot budget.
        optional "timeout" timeout: Duration,
    }
}

read::draft! {
    /// A script that prepares the cluster, run inside it.
    struct InitDraft {
        /// What others call it.
        required "name" name: Name,
        /// The script.
        required "run" run: BundlePath,
        /// Dependencies and init steps that have to be ready before it. Default: the init step before it.
        optional "needs" needs: Vec<At<Name>>,
        /// How long it may take. Enforced. Default: 2m.
        optional "timeout" timeout: Duration,
        /// Environment variables.
        optional "env" env: Entries<EnvName, EnvValue>,
        /// How often it is run again when it fails. Default: 0.
        optional "retries" retries: Number<0, 10>,
        /// Where it runs: in the candidate's pod or in a job of its own. Default: tty.
        optional "target" target: InitTarget,
        /// The image of the job. Default: the TTY's.
        optional "image" image: ImageRef,
    }
}

read::draft! {
    /// The candidate's terminal.
    struct TtyDraft {
        /// The image. Default: the host profile's.
        optional "image" image: ImageRef,
        /// The shell. Default: /bin/bash.
        optional "shell" shell: AbsolutePath,
        /// The user. Default: candidate.
        optional "user" user: UserName,
        /// Where the shell starts. Default: /home/candidate.
        optional "workingDir" working_dir: AbsolutePath,
        /// Environment variables.
        optional "env" env: Entries<EnvName, EnvValue>,
        /// What the candidate may do in the cluster. Default: cluster-admin.
        optional "clusterRole" cluster_role: ClusterRoleName,
    }
}

read::draft! {
    /// What grades one aspect of the work.
    struct CheckDraft one_of ["run", "assert", "cel", "tcp", "http"] {
        /// What solutions call it.
        required "name" name: Name,
        /// What it looks at, in words.
        required "title" title: Text,
        /// What it is worth. Default: 1.
        optional "points" points: Number<1, 1000>,
        /// A script that exits with 0 if the work is good. It runs in the grader's pod, out of the candidate's reach.
        optional "run" run: BundlePath,
        /// A manifest of partial objects that have to be there.
        optional "assert" assert: BundlePath,
        /// A CEL expression over `objects` that has to be true.
        optional "cel" cel: Expression,
        /// What the CEL expression is about, fetched when the check runs.
        optional "objects" objects: Vec<At<FetchedDraft>>,
        /// A port that has to take connections, such as orders.shop.svc:5432.
        optional "tcp" tcp: HostPort,
        /// An address that has to answer over HTTP.
        optional "http" http: HttpUrl,
        /// The HTTP status that is expected. Default: 200.
        optional "status" status: Number<100, 599>,
        /// A text that the HTTP answer has to hold.
        optional "contains" contains: Text,
        /// How long one attempt may take. Enforced. Default: 20s.
        optional "timeout" timeout: Duration,
        /// How often it is tried again when it does not pass. Default: 0.
        optional "retries" retries: Number<0, 10>,
        /// Checks before it without which it makes no sense: it fails at once when one of them did not pass.
        optional "needs" needs: Vec<At<CheckTarget>>,
        /// What it comes to before anybody has done anything. Default: fail.
        optional "expectInitially" initially: Initially,
        /// What to say when it fails.
        optional "failureMessage" failure_message: Text,
    }
}

read::draft! {
    /// Something that a CEL expression is about.
    struct FetchedDraft one_of ["get", "list"] {
        /// What the expression calls it.
        required "as" variable: VariableName,
        /// One object: RESOURCE/NAME or RESOURCE.GROUP/NAME; null when it is not there.
        optional "get" get: ResourceRef,
        /// All objects of a resource, as a list: RESOURCE or RESOURCE.GROUP.
        optional "list" list: ResourceName,
        /// The namespace. Default: default.
        optional "namespace" namespace: NamespaceName,
        /// Labels that the objects of a list have, as kubectl takes them: app=web,tier!=cache.
        optional "selector" selector: Text,
    }
}

read::draft! {
    /// What solves the task, or fails to.
    struct SolutionDraft {
        /// Its name.
        required "name" name: Name,
        /// The script, run from the candidate's seat.
        required "run" run: BundlePath,
        /// The checks it has to fail; a right solution names none.
        optional "mustFail" must_fail: Vec<At<CheckTarget>>,
    }
}
