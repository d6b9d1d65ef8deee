<?php
/**
 * Keeps WordPress' object cache in Redis, on the host that REDIS_HOST names: what one request has read from the database
 * the next ones have as well. Where nobody answers there, it is kept for one request, as WordPress itself does it.
 */

/** Speaks Redis' own protocol, for which the image has no extension of PHP's. */
final class Redis_Line {
	/** @var resource|null */
	private $stream;

	public function __construct( string $host ) {
		$stream = $host === '' ? false : @stream_socket_client( "tcp://$host:6379", $code, $why, 1.0 );
		if ( $stream ) {
			stream_set_timeout( $stream, 1 );
			$this->stream = $stream;
		}
	}

	public function is_open(): bool {
		return $this->stream !== null;
	}

	/** The answer to one command: a text or a number; null where there is none. */
	public function ask( string ...$words ) {
		$command = '*' . count( $words ) . "\r\n";
		foreach ( $words as $word ) {
			$command .= '$' . strlen( $word ) . "\r\n$word\r\n";
		}
		try {
			$this->send( $command );
			return $this->answer();
		} catch ( RuntimeException $lost ) {
			$this->stream = null;
			return null;
		}
	}

	private function send( string $text ): void {
		while ( $text !== '' ) {
			$sent = $this->stream ? @fwrite( $this->stream, $text ) : false;
			if ( ! $sent ) {
				throw new RuntimeException( 'nobody listens' );
			}
			$text = substr( $text, $sent );
		}
	}

	private function answer() {
		$line = rtrim( (string) fgets( $this->stream ), "\r\n" );
		$rest = substr( $line, 1 );
		switch ( $line[0] ?? '' ) {
			case '+':
				return $rest;
			case ':':
				return (int) $rest;
			case '-':
				return null;
			case '$':
				return $rest === '-1' ? null : substr( $this->read( (int) $rest + 2 ), 0, -2 );
		}
		throw new RuntimeException( 'no answer' );
	}

	private function read( int $bytes ): string {
		$text = (string) stream_get_contents( $this->stream, $bytes );
		if ( strlen( $text ) < $bytes ) {
			throw new RuntimeException( 'half an answer' );
		}
		return $text;
	}
}

final class WP_Object_Cache {
	private Redis_Line $redis;
	/** What this request has seen, by its whole name. */
	private array $near = array();
	/** Groups that live as long as a request. */
	private array $short_lived = array();
	/** Groups that all sites of a network share. */
	private array $global = array();
	private string $site;

	public function __construct() {
		$this->redis = new Redis_Line( (string) getenv( 'REDIS_HOST' ) );
		$this->switch_to_blog( get_current_blog_id() );
	}

	public function switch_to_blog( $site ): void {
		$this->site = is_multisite() ? (string) $site : '';
	}

	public function add_global_groups( $groups ): void {
		$this->global += array_fill_keys( (array) $groups, true );
	}

	public function add_non_persistent_groups( $groups ): void {
		$this->short_lived += array_fill_keys( (array) $groups, true );
	}

	public function get( $key, $group, $force, &$found ) {
		$name  = $this->name( $key, $group );
		$found = array_key_exists( $name, $this->near );
		if ( $this->is_kept( $group ) && ( $force || ! $found ) ) {
			$text  = $this->redis->ask( 'GET', $name );
			$found = is_string( $text );
			if ( $found ) {
				$this->near[ $name ] = unserialize( $text );
			}
		}
		return $found ? $this->copy( $this->near[ $name ] ) : false;
	}

	/** @param string $only NX: where there is none; XX: where there is one; empty: in any case */
	public function set( $key, $data, $group, $expire, string $only = '' ): bool {
		$name = $this->name( $key, $group );
		if ( $this->is_kept( $group ) ) {
			$until = (int) $expire > 0 ? array( 'EX', (string) (int) $expire ) : array();
			$words = array_merge( array( 'SET', $name, serialize( $data ) ), $until, array_filter( array( $only ) ) );
			$is_set = $this->redis->ask( ...$words ) === 'OK';
		} else {
			$is_set = $only === '' || array_key_exists( $name, $this->near ) === ( $only === 'XX' );
		}
		if ( $is_set ) {
			$this->near[ $name ] = $this->copy( $data );
		}
		return $is_set;
	}

	public function delete( $key, $group ): bool {
		$name    = $this->name( $key, $group );
		$was_set = array_key_exists( $name, $this->near );
		unset( $this->near[ $name ] );
		return $this->is_kept( $group ) ? $this->redis->ask( 'DEL', $name ) === 1 : $was_set;
	}

	public function add_to( $key, $offset, $group ) {
		$value = $this->get( $key, $group, false, $found );
		if ( ! $found ) {
			return false;
		}
		$sum = max( 0, (int) $value + (int) $offset );
		$this->set( $key, $sum, $group, 0 );
		return $sum;
	}

	public function forget(): bool {
		$this->near = array();
		return true;
	}

	public function flush(): bool {
		$this->forget();
		return ! $this->redis->is_open() || $this->redis->ask( 'FLUSHDB' ) === 'OK';
	}

	private function is_kept( $group ): bool {
		return $this->redis->is_open() && ! isset( $this->short_lived[ $group ?: 'default' ] );
	}

	private function name( $key, $group ): string {
		$group = $group ?: 'default';
		return ( isset( $this->global[ $group ] ) ? '' : $this->site ) . ":$group:$key";
	}

	/** Nobody changes what is kept by changing what was given. */
	private function copy( $value ) {
		return is_object( $value ) ? clone $value : $value;
	}
}

function wp_cache_init() {
	$GLOBALS['wp_object_cache'] = new WP_Object_Cache();
}

function wp_cache_add( $key, $data, $group = '', $expire = 0 ) {
	return ! wp_suspend_cache_addition() && $GLOBALS['wp_object_cache']->set( $key, $data, $group, $expire, 'NX' );
}

function wp_cache_replace( $key, $data, $group = '', $expire = 0 ) {
	return $GLOBALS['wp_object_cache']->set( $key, $data, $group, $expire, 'XX' );
}

function wp_cache_set( $key, $data, $group = '', $expire = 0 ) {
	return $GLOBALS['wp_object_cache']->set( $key, $data, $group, $expire );
}

function wp_cache_get( $key, $group = '', $force = false, &$found = null ) {
	return $GLOBALS['wp_object_cache']->get( $key, $group, $force, $found );
}

function wp_cache_delete( $key, $group = '' ) {
	return $GLOBALS['wp_object_cache']->delete( $key, $group );
}

function wp_cache_incr( $key, $offset = 1, $group = '' ) {
	return $GLOBALS['wp_object_cache']->add_to( $key, $offset, $group );
}

function wp_cache_decr( $key, $offset = 1, $group = '' ) {
	return $GLOBALS['wp_object_cache']->add_to( $key, -$offset, $group );
}

function wp_cache_flush() {
	return $GLOBALS['wp_object_cache']->flush();
}

function wp_cache_flush_runtime() {
	return $GLOBALS['wp_object_cache']->forget();
}

function wp_cache_supports( $feature ) {
	return $feature === 'flush_runtime';
}

function wp_cache_close() {
	return true;
}

function wp_cache_add_global_groups( $groups ) {
	$GLOBALS['wp_object_cache']->add_global_groups( $groups );
}

function wp_cache_add_non_persistent_groups( $groups ) {
	$GLOBALS['wp_object_cache']->add_non_persistent_groups( $groups );
}

function wp_cache_switch_to_blog( $site ) {
	$GLOBALS['wp_object_cache']->switch_to_blog( $site );
}
