-- What an API key opens is in four rows: its own, its member's, the person's and the tenant's. `version` is renewed when
-- any of them changes, whoever changes it, so that one row tells a process whether what it remembers still holds. When the
-- key was last used opens nothing.
CREATE OR REPLACE FUNCTION access_renew_own_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- NEW has no generated column yet.
    IF to_jsonb(OLD) - ARRAY['last_used_at', 'name_order'] <> to_jsonb(NEW) - ARRAY['last_used_at', 'name_order'] THEN
        NEW.version := gen_random_uuid();
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER version_is_renewed BEFORE UPDATE ON access_apikey
    FOR EACH ROW EXECUTE FUNCTION access_renew_own_version();

-- As the owner: a person's keys are in several tenants. The update alone renews them.
CREATE OR REPLACE FUNCTION access_renew_versions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'access_membership' THEN
        UPDATE access_apikey SET version = DEFAULT WHERE tenant_id = OLD.tenant_id AND user_id = OLD.user_id;
    ELSIF TG_TABLE_NAME = 'access_user' THEN
        UPDATE access_apikey SET version = DEFAULT WHERE user_id = OLD.id;
    ELSE
        UPDATE access_apikey SET version = DEFAULT WHERE tenant_id = OLD.id;
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION access_renew_versions() FROM PUBLIC;
CREATE OR REPLACE TRIGGER keys_are_renewed AFTER UPDATE OR DELETE ON access_membership
    FOR EACH ROW EXECUTE FUNCTION access_renew_versions();
CREATE OR REPLACE TRIGGER keys_are_renewed AFTER UPDATE ON access_user
    FOR EACH ROW WHEN (OLD.is_active <> NEW.is_active) EXECUTE FUNCTION access_renew_versions();
CREATE OR REPLACE TRIGGER keys_are_renewed AFTER UPDATE ON tenants_tenant
    FOR EACH ROW EXECUTE FUNCTION access_renew_versions();
