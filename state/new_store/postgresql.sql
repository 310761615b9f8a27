CREATE TABLE absences (
    id BIGINT NOT NULL,
    email TEXT DEFAULT '' NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT,
    deputy TEXT DEFAULT '' NOT NULL,
    note TEXT DEFAULT '' NOT NULL,
    made_by TEXT DEFAULT '' NOT NULL,
    recorded_at BIGINT NOT NULL,
    ended_at BIGINT,
    CONSTRAINT pk_absences PRIMARY KEY (id)
);
CREATE INDEX ix_absences_email ON absences (email);
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT pk_alembic_version PRIMARY KEY (version_num)
);
CREATE TABLE applied (
    plan TEXT NOT NULL,
    row INTEGER NOT NULL,
    outcome TEXT DEFAULT '' NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT pk_applied PRIMARY KEY (plan, row)
);
CREATE TABLE attempts (
    id BIGINT NOT NULL,
    key TEXT DEFAULT '' NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT pk_attempts PRIMARY KEY (id)
);
CREATE INDEX ix_attempts_key ON attempts (key, at);
CREATE TABLE budgets (
    account TEXT NOT NULL,
    rate TEXT NOT NULL,
    used INTEGER DEFAULT '0' NOT NULL,
    calls INTEGER DEFAULT '0' NOT NULL,
    said INTEGER DEFAULT '0' NOT NULL,
    since BIGINT DEFAULT '0' NOT NULL,
    length BIGINT DEFAULT '0' NOT NULL,
    at BIGINT DEFAULT '0' NOT NULL,
    parked_until BIGINT,
    CONSTRAINT pk_budgets PRIMARY KEY (account, rate)
);
CREATE TABLE companies (
    id BIGINT NOT NULL,
    domain TEXT DEFAULT '' NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    total INTEGER DEFAULT '0' NOT NULL,
    people INTEGER DEFAULT '0' NOT NULL,
    made_of TEXT DEFAULT '' NOT NULL,
    changed_at BIGINT NOT NULL,
    CONSTRAINT pk_companies PRIMARY KEY (id)
);
CREATE TABLE criteria (
    id BIGINT NOT NULL,
    flow TEXT DEFAULT '' NOT NULL,
    version TEXT DEFAULT '' NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    author TEXT DEFAULT '' NOT NULL,
    note TEXT DEFAULT '' NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT pk_criteria PRIMARY KEY (id)
);
CREATE INDEX ix_criteria_flow ON criteria (flow, id);
CREATE TABLE criteria_waiting (
    flow TEXT NOT NULL,
    version TEXT DEFAULT '' NOT NULL,
    before TEXT DEFAULT '' NOT NULL,
    since BIGINT NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_criteria_waiting PRIMARY KEY (flow)
);
CREATE TABLE cursors (
    connection TEXT NOT NULL,
    stream TEXT NOT NULL,
    position TEXT DEFAULT '' NOT NULL,
    changed_at BIGINT NOT NULL,
    CONSTRAINT pk_cursors PRIMARY KEY (connection, stream)
);
CREATE TABLE desk (
    id BIGINT NOT NULL,
    object TEXT DEFAULT '' NOT NULL,
    our_key TEXT DEFAULT '' NOT NULL,
    parent_id TEXT DEFAULT '' NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    revision INTEGER DEFAULT '0' NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    seq BIGINT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_desk PRIMARY KEY (id),
    CONSTRAINT uq_desk_object UNIQUE (object, our_key)
);
CREATE INDEX ix_desk_seq ON desk (object, seq);
CREATE TABLE erased (
    digest TEXT NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT pk_erased PRIMARY KEY (digest)
);
CREATE TABLE goal_versions (
    id BIGINT NOT NULL,
    goal TEXT DEFAULT '' NOT NULL,
    at BIGINT NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_goal_versions PRIMARY KEY (id)
);
CREATE INDEX ix_goal_versions_goal ON goal_versions (goal, at);
CREATE TABLE ids (
    name TEXT NOT NULL,
    last BIGINT NOT NULL,
    CONSTRAINT pk_ids PRIMARY KEY (name)
);
CREATE TABLE jobs (
    name TEXT NOT NULL,
    done_at BIGINT NOT NULL,
    CONSTRAINT pk_jobs PRIMARY KEY (name)
);
CREATE TABLE leads (
    id BIGINT NOT NULL,
    email TEXT,
    body TEXT DEFAULT '' NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    CONSTRAINT pk_leads PRIMARY KEY (id)
);
CREATE INDEX ix_leads_email ON leads (email) WHERE email IS NOT NULL;
CREATE TABLE leases (
    name TEXT NOT NULL,
    owner TEXT DEFAULT '' NOT NULL,
    epoch INTEGER DEFAULT '0' NOT NULL,
    until_at BIGINT NOT NULL,
    CONSTRAINT pk_leases PRIMARY KEY (name)
);
CREATE TABLE meetings (
    id BIGINT NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    period TEXT DEFAULT '' NOT NULL,
    at BIGINT NOT NULL,
    made_by TEXT DEFAULT '' NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_meetings PRIMARY KEY (id)
);
CREATE TABLE meta (
    name TEXT NOT NULL,
    value TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_meta PRIMARY KEY (name)
);
CREATE TABLE mirror (
    connection TEXT NOT NULL,
    object TEXT NOT NULL,
    external_id TEXT NOT NULL,
    our_key TEXT DEFAULT '' NOT NULL,
    email TEXT DEFAULT '' NOT NULL,
    phone TEXT DEFAULT '' NOT NULL,
    domain TEXT DEFAULT '' NOT NULL,
    account TEXT DEFAULT '' NOT NULL,
    person TEXT DEFAULT '' NOT NULL,
    live SMALLINT DEFAULT '1' NOT NULL,
    modified_at BIGINT,
    modified_by TEXT DEFAULT '' NOT NULL,
    digest BIGINT DEFAULT '0' NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    changed_at BIGINT NOT NULL,
    CONSTRAINT pk_mirror PRIMARY KEY (connection, object, external_id)
);
CREATE INDEX ix_mirror_account ON mirror (connection, account) WHERE account <> '' AND live = 1;
CREATE INDEX ix_mirror_domain ON mirror (connection, domain) WHERE domain <> '' AND live = 1;
CREATE INDEX ix_mirror_email ON mirror (connection, email) WHERE email <> '' AND live = 1;
CREATE INDEX ix_mirror_live ON mirror (connection, object) WHERE live = 1;
CREATE INDEX ix_mirror_our_key ON mirror (connection, our_key) WHERE our_key <> '' AND live = 1;
CREATE INDEX ix_mirror_person ON mirror (connection, person) WHERE person <> '' AND live = 1;
CREATE INDEX ix_mirror_phone ON mirror (connection, phone) WHERE phone <> '' AND live = 1;
CREATE TABLE notice_states (
    key TEXT NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    since BIGINT NOT NULL,
    told_at BIGINT,
    body TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_notice_states PRIMARY KEY (key)
);
CREATE TABLE packs (
    kind TEXT NOT NULL,
    period TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    sent_at BIGINT,
    body TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_packs PRIMARY KEY (kind, period)
);
CREATE TABLE record_keys (
    connection TEXT NOT NULL,
    key BIGINT NOT NULL,
    object TEXT NOT NULL,
    external_id TEXT NOT NULL,
    CONSTRAINT pk_record_keys PRIMARY KEY (connection, key, object, external_id)
);
CREATE INDEX ix_record_keys_record ON record_keys (connection, object, external_id);
CREATE TABLE rosters (
    version TEXT NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT pk_rosters PRIMARY KEY (version)
);
CREATE TABLE runs (
    id BIGINT NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    connection TEXT DEFAULT '' NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    result TEXT DEFAULT '' NOT NULL,
    counts TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_runs PRIMARY KEY (id)
);
CREATE TABLE unmatched (
    connection TEXT NOT NULL,
    event TEXT NOT NULL,
    events INTEGER DEFAULT '0' NOT NULL,
    CONSTRAINT pk_unmatched PRIMARY KEY (connection, event)
);
CREATE TABLE users (
    email TEXT NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    roles TEXT DEFAULT '' NOT NULL,
    password TEXT DEFAULT '' NOT NULL,
    language TEXT DEFAULT '' NOT NULL,
    epoch INTEGER DEFAULT '0' NOT NULL,
    created_at BIGINT NOT NULL,
    last_at BIGINT,
    disabled_at BIGINT,
    CONSTRAINT pk_users PRIMARY KEY (email)
);
CREATE TABLE activities (
    id BIGINT NOT NULL,
    connection TEXT DEFAULT '' NOT NULL,
    source_id TEXT DEFAULT '' NOT NULL,
    person TEXT DEFAULT '' NOT NULL,
    lead_id BIGINT,
    at BIGINT NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    topic TEXT DEFAULT '' NOT NULL,
    asset TEXT DEFAULT '' NOT NULL,
    seconds INTEGER DEFAULT '0' NOT NULL,
    body TEXT,
    CONSTRAINT pk_activities PRIMARY KEY (id),
    CONSTRAINT uq_activities_connection UNIQUE (connection, source_id),
    CONSTRAINT fk_activities_lead_id FOREIGN KEY(lead_id) REFERENCES leads (id)
);
CREATE INDEX ix_activities_lead_id ON activities (lead_id, at);
CREATE INDEX ix_activities_waiting ON activities (connection, person) WHERE lead_id IS NULL;
CREATE TABLE activity_days (
    lead_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    day INTEGER NOT NULL,
    events INTEGER DEFAULT '0' NOT NULL,
    CONSTRAINT pk_activity_days PRIMARY KEY (lead_id, kind, day),
    CONSTRAINT fk_activity_days_lead_id FOREIGN KEY(lead_id) REFERENCES leads (id)
);
CREATE TABLE agreements (
    id BIGINT NOT NULL,
    meeting_id BIGINT NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    text TEXT DEFAULT '' NOT NULL,
    owner TEXT DEFAULT '' NOT NULL,
    due_on TEXT DEFAULT '' NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    closed_at BIGINT,
    note TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_agreements PRIMARY KEY (id),
    CONSTRAINT fk_agreements_meeting_id FOREIGN KEY(meeting_id) REFERENCES meetings (id)
);
CREATE INDEX ix_agreements_meeting_id ON agreements (meeting_id);
CREATE TABLE audit (
    id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    who TEXT DEFAULT '' NOT NULL,
    role TEXT DEFAULT '' NOT NULL,
    action TEXT DEFAULT '' NOT NULL,
    lead_id BIGINT,
    handoff_id BIGINT,
    body TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_audit PRIMARY KEY (id),
    CONSTRAINT fk_audit_lead_id FOREIGN KEY(lead_id) REFERENCES leads (id)
);
CREATE INDEX ix_audit_at ON audit (at);
CREATE INDEX ix_audit_lead_id ON audit (lead_id) WHERE lead_id IS NOT NULL;
CREATE TABLE company_keys (
    key BIGINT NOT NULL,
    company_id BIGINT NOT NULL,
    CONSTRAINT pk_company_keys PRIMARY KEY (key, company_id),
    CONSTRAINT fk_company_keys_company_id FOREIGN KEY(company_id) REFERENCES companies (id)
);
CREATE INDEX ix_company_keys_company_id ON company_keys (company_id);
CREATE TABLE company_people (
    lead_id BIGINT NOT NULL,
    company_id BIGINT NOT NULL,
    CONSTRAINT pk_company_people PRIMARY KEY (lead_id),
    CONSTRAINT fk_company_people_lead_id FOREIGN KEY(lead_id) REFERENCES leads (id),
    CONSTRAINT fk_company_people_company_id FOREIGN KEY(company_id) REFERENCES companies (id)
);
CREATE INDEX ix_company_people_company_id ON company_people (company_id, lead_id);
CREATE TABLE consents (
    id BIGINT NOT NULL,
    lead_id BIGINT NOT NULL,
    channel TEXT DEFAULT '' NOT NULL,
    scope TEXT DEFAULT '' NOT NULL,
    given INTEGER DEFAULT '0' NOT NULL,
    at BIGINT NOT NULL,
    certain INTEGER DEFAULT '0' NOT NULL,
    source TEXT DEFAULT '' NOT NULL,
    how TEXT DEFAULT '' NOT NULL,
    evidence TEXT DEFAULT '' NOT NULL,
    recorded_at BIGINT NOT NULL,
    CONSTRAINT pk_consents PRIMARY KEY (id),
    CONSTRAINT uq_consents_lead_id UNIQUE (lead_id, channel, scope, given, source, how, at),
    CONSTRAINT fk_consents_lead_id FOREIGN KEY(lead_id) REFERENCES leads (id)
);
CREATE TABLE handoffs (
    id BIGINT NOT NULL,
    lead_id BIGINT NOT NULL,
    flow TEXT DEFAULT '' NOT NULL,
    stage TEXT DEFAULT '' NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    decided_at BIGINT NOT NULL,
    version TEXT DEFAULT '' NOT NULL,
    hot INTEGER DEFAULT '0' NOT NULL,
    total INTEGER DEFAULT '0' NOT NULL,
    grade TEXT DEFAULT '' NOT NULL,
    owner TEXT DEFAULT '' NOT NULL,
    team TEXT DEFAULT '' NOT NULL,
    routed_by TEXT DEFAULT '' NOT NULL,
    opened_at BIGINT,
    due_at BIGINT,
    released_by TEXT DEFAULT '' NOT NULL,
    brief TEXT DEFAULT '' NOT NULL,
    target TEXT DEFAULT '' NOT NULL,
    record TEXT DEFAULT '' NOT NULL,
    accepted_at BIGINT,
    contacted_at BIGINT,
    closed_at BIGINT,
    reason TEXT DEFAULT '' NOT NULL,
    rating INTEGER,
    accept_due_at BIGINT,
    review_due_at BIGINT,
    next_at BIGINT,
    back_at BIGINT,
    acted_at BIGINT,
    worked INTEGER,
    reviewer TEXT DEFAULT '' NOT NULL,
    words TEXT DEFAULT '' NOT NULL,
    roster TEXT DEFAULT '' NOT NULL,
    previous_id BIGINT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_handoffs PRIMARY KEY (id),
    CONSTRAINT fk_handoffs_lead_id FOREIGN KEY(lead_id) REFERENCES leads (id)
);
CREATE INDEX ix_handoffs_answered ON handoffs (lead_id, flow, opened_at, contacted_at, worked) WHERE opened_at IS NOT NULL;
CREATE INDEX ix_handoffs_flow ON handoffs (flow, state);
CREATE INDEX ix_handoffs_lead_id ON handoffs (lead_id);
CREATE INDEX ix_handoffs_next_at ON handoffs (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX ix_handoffs_owner ON handoffs (owner) WHERE state = 'open';
CREATE UNIQUE INDEX uq_handoffs_current ON handoffs (lead_id, stage) WHERE state <> 'closed';
CREATE TABLE images (
    id BIGINT NOT NULL,
    run_id BIGINT NOT NULL,
    target TEXT DEFAULT '' NOT NULL,
    object TEXT DEFAULT '' NOT NULL,
    our_key TEXT DEFAULT '' NOT NULL,
    crm_id TEXT DEFAULT '' NOT NULL,
    lead_id BIGINT,
    flow TEXT DEFAULT '' NOT NULL,
    written TEXT DEFAULT '' NOT NULL,
    before TEXT DEFAULT '' NOT NULL,
    created INTEGER DEFAULT '0' NOT NULL,
    at BIGINT NOT NULL,
    undone_at BIGINT,
    CONSTRAINT pk_images PRIMARY KEY (id),
    CONSTRAINT fk_images_lead_id FOREIGN KEY(lead_id) REFERENCES leads (id)
);
CREATE INDEX ix_images_at ON images (at);
CREATE INDEX ix_images_lead_id ON images (lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX ix_images_run_id ON images (run_id, id);
CREATE INDEX ix_images_undone ON images (target, object, our_key) WHERE undone_at IS NOT NULL;
CREATE TABLE joinings (
    id BIGINT NOT NULL,
    lead_id BIGINT NOT NULL,
    loser_id BIGINT NOT NULL,
    how TEXT DEFAULT '' NOT NULL,
    made_by TEXT DEFAULT '' NOT NULL,
    at BIGINT NOT NULL,
    before TEXT DEFAULT '' NOT NULL,
    undone_at BIGINT,
    undone_by TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_joinings PRIMARY KEY (id),
    CONSTRAINT fk_joinings_lead_id FOREIGN KEY(lead_id) REFERENCES leads (id),
    CONSTRAINT fk_joinings_loser_id FOREIGN KEY(loser_id) REFERENCES leads (id)
);
CREATE INDEX ix_joinings_lead_id ON joinings (lead_id);
CREATE INDEX ix_joinings_loser_id ON joinings (loser_id);
CREATE TABLE lead_keys (
    key BIGINT NOT NULL,
    lead_id BIGINT NOT NULL,
    CONSTRAINT pk_lead_keys PRIMARY KEY (key, lead_id),
    CONSTRAINT fk_lead_keys_lead_id FOREIGN KEY(lead_id) REFERENCES leads (id)
);
CREATE INDEX ix_lead_keys_lead_id ON lead_keys (lead_id);
CREATE TABLE links (
    connection TEXT NOT NULL,
    object TEXT NOT NULL,
    external_id TEXT NOT NULL,
    lead_id BIGINT NOT NULL,
    digest BIGINT DEFAULT '0' NOT NULL,
    origin TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_links PRIMARY KEY (connection, object, external_id),
    CONSTRAINT fk_links_lead_id FOREIGN KEY(lead_id) REFERENCES leads (id)
);
CREATE INDEX ix_links_lead_id ON links (lead_id);
CREATE TABLE outbox (
    id BIGINT NOT NULL,
    target TEXT DEFAULT '' NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    object TEXT DEFAULT '' NOT NULL,
    our_key TEXT DEFAULT '' NOT NULL,
    key TEXT DEFAULT '' NOT NULL,
    revision INTEGER DEFAULT '0' NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    lead_id BIGINT,
    field_group TEXT DEFAULT '' NOT NULL,
    lane SMALLINT NOT NULL,
    after_key TEXT DEFAULT '' NOT NULL,
    parent TEXT DEFAULT '' NOT NULL,
    parent_object TEXT DEFAULT 'lead' NOT NULL,
    flow TEXT DEFAULT '' NOT NULL,
    run_id BIGINT DEFAULT '0' NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    resends INTEGER DEFAULT '0' NOT NULL,
    epoch INTEGER DEFAULT '0' NOT NULL,
    not_before BIGINT,
    sent_at BIGINT,
    deadline BIGINT,
    resolve_at BIGINT,
    crm_id TEXT DEFAULT '' NOT NULL,
    reason TEXT DEFAULT '' NOT NULL,
    code TEXT DEFAULT '' NOT NULL,
    field TEXT DEFAULT '' NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    CONSTRAINT pk_outbox PRIMARY KEY (id),
    CONSTRAINT uq_outbox_key UNIQUE (key, revision),
    CONSTRAINT fk_outbox_lead_id FOREIGN KEY(lead_id) REFERENCES leads (id)
);
CREATE INDEX ix_outbox_done ON outbox (target, object, our_key) WHERE state = 'done' AND kind = 'state';
CREATE INDEX ix_outbox_lead_id ON outbox (lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX ix_outbox_unfinished ON outbox (target, state) WHERE state NOT IN ('done', 'superseded', 'dropped');
CREATE INDEX ix_outbox_waiting ON outbox (target, lane, id) WHERE state = 'waiting';
CREATE UNIQUE INDEX uq_outbox_held ON outbox (target, object, our_key) WHERE state IN ('in_flight', 'unknown', 'parked');
CREATE UNIQUE INDEX uq_outbox_newest ON outbox (key) WHERE state = 'waiting' AND kind = 'state';
CREATE TABLE pairs (
    id BIGINT NOT NULL,
    lead_id BIGINT NOT NULL,
    other_id BIGINT NOT NULL,
    points INTEGER DEFAULT '0' NOT NULL,
    band TEXT DEFAULT '' NOT NULL,
    findings TEXT DEFAULT '' NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    note TEXT DEFAULT '' NOT NULL,
    decided_by TEXT DEFAULT '' NOT NULL,
    first_at BIGINT NOT NULL,
    decided_at BIGINT,
    CONSTRAINT pk_pairs PRIMARY KEY (id),
    CONSTRAINT uq_pairs_lead_id UNIQUE (lead_id, other_id),
    CONSTRAINT fk_pairs_lead_id FOREIGN KEY(lead_id) REFERENCES leads (id),
    CONSTRAINT fk_pairs_other_id FOREIGN KEY(other_id) REFERENCES leads (id)
);
CREATE INDEX ix_pairs_open ON pairs (id) WHERE state = 'open';
CREATE INDEX ix_pairs_other_id ON pairs (other_id);
CREATE TABLE receipts (
    target TEXT NOT NULL,
    object TEXT NOT NULL,
    our_key TEXT NOT NULL,
    crm_id TEXT DEFAULT '' NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    revision TEXT DEFAULT '' NOT NULL,
    lead_id BIGINT,
    at BIGINT,
    gone INTEGER DEFAULT '0' NOT NULL,
    CONSTRAINT pk_receipts PRIMARY KEY (target, object, our_key),
    CONSTRAINT fk_receipts_lead_id FOREIGN KEY(lead_id) REFERENCES leads (id)
);
CREATE INDEX ix_receipts_crm_id ON receipts (crm_id) WHERE crm_id <> '';
CREATE INDEX ix_receipts_lead_id ON receipts (lead_id) WHERE lead_id IS NOT NULL;
CREATE TABLE reviews (
    id BIGINT NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    key TEXT DEFAULT '' NOT NULL,
    place TEXT DEFAULT '' NOT NULL,
    reason TEXT DEFAULT '' NOT NULL,
    field TEXT DEFAULT '' NOT NULL,
    lead_id BIGINT,
    connection TEXT DEFAULT '' NOT NULL,
    flow TEXT DEFAULT '' NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    seen INTEGER DEFAULT '0' NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    closed_at BIGINT,
    closed_how TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_reviews PRIMARY KEY (id),
    CONSTRAINT fk_reviews_lead_id FOREIGN KEY(lead_id) REFERENCES leads (id)
);
CREATE UNIQUE INDEX uq_reviews_open ON reviews (kind, key) WHERE closed_at IS NULL;
CREATE TABLE standings (
    lead_id BIGINT NOT NULL,
    stage TEXT DEFAULT '' NOT NULL,
    stage_since BIGINT,
    flow TEXT DEFAULT '' NOT NULL,
    owner TEXT DEFAULT '' NOT NULL,
    total INTEGER DEFAULT '0' NOT NULL,
    grade TEXT DEFAULT '' NOT NULL,
    due_at BIGINT,
    score TEXT,
    merged_into BIGINT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_standings PRIMARY KEY (lead_id),
    CONSTRAINT fk_standings_lead_id FOREIGN KEY(lead_id) REFERENCES leads (id)
);
CREATE INDEX ix_standings_due_at ON standings (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ix_standings_merged ON standings (merged_into) WHERE merged_into <> 0;
CREATE TABLE to_match (
    lead_id BIGINT NOT NULL,
    CONSTRAINT pk_to_match PRIMARY KEY (lead_id),
    CONSTRAINT fk_to_match_lead_id FOREIGN KEY(lead_id) REFERENCES leads (id)
);
CREATE TABLE transitions (
    id BIGINT NOT NULL,
    lead_id BIGINT NOT NULL,
    flow TEXT DEFAULT '' NOT NULL,
    origin TEXT,
    stage TEXT DEFAULT '' NOT NULL,
    at BIGINT NOT NULL,
    moved_by TEXT DEFAULT '' NOT NULL,
    why TEXT DEFAULT '' NOT NULL,
    version TEXT DEFAULT '' NOT NULL,
    total INTEGER DEFAULT '0' NOT NULL,
    grade TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_transitions PRIMARY KEY (id),
    CONSTRAINT fk_transitions_lead_id FOREIGN KEY(lead_id) REFERENCES leads (id)
);
CREATE INDEX ix_transitions_lead_id ON transitions (lead_id);
CREATE INDEX ix_transitions_way ON transitions (lead_id, flow, stage, at) WHERE (stage = 'mql' OR stage = 'sal' OR stage = 'sql' OR stage = 'opportunity' OR stage = 'won');
CREATE TABLE ways (
    lead_id BIGINT NOT NULL,
    flow TEXT NOT NULL,
    mql BIGINT,
    sal BIGINT,
    sql BIGINT,
    opportunity BIGINT,
    won BIGINT,
    version TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_ways PRIMARY KEY (lead_id, flow),
    CONSTRAINT fk_ways_lead_id FOREIGN KEY(lead_id) REFERENCES leads (id)
);
CREATE TABLE handoff_events (
    id BIGINT NOT NULL,
    handoff_id BIGINT NOT NULL,
    key TEXT DEFAULT '' NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    at BIGINT NOT NULL,
    noted_at BIGINT NOT NULL,
    who TEXT DEFAULT '' NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_handoff_events PRIMARY KEY (id),
    CONSTRAINT uq_handoff_events_handoff_id UNIQUE (handoff_id, key),
    CONSTRAINT fk_handoff_events_handoff_id FOREIGN KEY(handoff_id) REFERENCES handoffs (id)
);
CREATE INDEX ix_handoff_events_noted_at ON handoff_events (noted_at);
CREATE TABLE turns (
    id BIGINT NOT NULL,
    handoff_id BIGINT NOT NULL,
    team TEXT DEFAULT '' NOT NULL,
    email TEXT DEFAULT '' NOT NULL,
    at BIGINT NOT NULL,
    rule TEXT DEFAULT '' NOT NULL,
    given INTEGER DEFAULT '0' NOT NULL,
    weights TEXT DEFAULT '' NOT NULL,
    CONSTRAINT pk_turns PRIMARY KEY (id),
    CONSTRAINT fk_turns_handoff_id FOREIGN KEY(handoff_id) REFERENCES handoffs (id)
);
CREATE INDEX ix_turns_team ON turns (team, id);
