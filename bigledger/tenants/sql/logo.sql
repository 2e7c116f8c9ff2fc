-- Documents that were issued show the logo that they were issued with.
CREATE OR REPLACE FUNCTION tenants_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % refused: issued documents need what is kept here', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE OR REPLACE TRIGGER kept_for_good BEFORE UPDATE OR DELETE ON tenants_logo
    FOR EACH ROW EXECUTE FUNCTION tenants_refuse_change();
CREATE OR REPLACE TRIGGER never_truncated BEFORE TRUNCATE ON tenants_logo
    FOR EACH STATEMENT EXECUTE FUNCTION tenants_refuse_change();
